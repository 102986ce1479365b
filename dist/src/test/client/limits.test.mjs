// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What one address, one user and one connection may take, at every door.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { until } from './clients.mjs';
import { send } from './http.mjs';
import { headersOf } from './pulse.mjs';
import { AUTH, Session, TOPIC } from './raw.mjs';
import { Server } from './server.mjs';
import { SyncSession } from './sync.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');
const servers = [];
after(() => Promise.all(servers.map((each) => each.dispose())));

async function started(config, place = () => {}) {
  const made = new Server(config);
  servers.push(made);
  place(made);
  return made.start();
}

/// Opens a WebSocket: the socket, or the status and problem of the refusal.
function knock(server, door, headers = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${door}`, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, answer) => {
      let body = '';
      answer.on('data', (chunk) => (body += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, body }));
    });
  });
}

/// A stream of events: its status, and how to end it.
async function listen(server, headers = {}) {
  const ending = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/sync/stream?topic=sync.things.updated`, { headers, signal: ending.signal });
  return { status: answer.status, answer, end: () => ending.abort() };
}

async function metric(server, series) {
  const page = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  assert.ok(line, `no metric ${series}`);
  return Number(line.split(' ')[1]);
}

test('an address has its number of connections', async () => {
  const server = await started({ limits: { connectionsPerAddress: 2, exemptAddresses: [] } });
  const first = await knock(server, '/deepstream');
  const second = await knock(server, '/ws');
  await assert.rejects(knock(server, '/ws'), /hang up|ECONNRESET/);
  first.terminate();
  await until(() => knock(server, '/ws').then((third) => !third.terminate(), () => false), 'room');
  second.terminate();
});

test('whom a trusted proxy speaks for has its number of connections, at every door', async () => {
  const server = await started({
    limits: { connectionsPerAddress: 3, exemptAddresses: [] },
    server: { trustedProxies: ['127.0.0.1'] },
  });
  const from = (address) => ({ 'X-Forwarded-For': `203.0.113.9, ${address}` });
  const pulse = headersOf('User', [{ name: 'id', kind: 'scalar', type: 'String', isId: true }]);
  const many = [
    await knock(server, '/deepstream', from('198.51.100.7')),
    await knock(server, '/ws', from('198.51.100.7')),
    await knock(server, '/subscribe', { ...pulse, ...from('198.51.100.7') }),
  ];
  many.forEach((socket) => assert.ok(socket instanceof WebSocket, JSON.stringify(socket)));
  for (const door of ['/deepstream', '/ws', '/stream', '/subscribe']) {
    const refused = await knock(server, door, { ...pulse, ...from('198.51.100.7') });
    assert.equal(refused.status, 429, door);
    assert.equal(JSON.parse(refused.body).code, 'LIMIT_REACHED', door);
  }
  const stream = await listen(server, from('198.51.100.7'));
  assert.equal(stream.status, 429);
  assert.equal((await stream.answer.json()).code, 'LIMIT_REACHED');

  (await knock(server, '/ws', from('198.51.100.8'))).terminate();
  many[0].terminate();
  await until(async () => {
    const again = await knock(server, '/ws', from('198.51.100.7'));
    if (again.status) return false;
    again.terminate();
    return true;
  }, 'room');
  many.forEach((socket) => socket.terminate());
});

test('a user has its number of connections, all doors together', async (t) => {
  const hash = execFileSync(command, ['hash', 'sesame'], { encoding: 'utf8' }).trim();
  const server = await started(
    { limits: { connectionsPerUser: 2 }, auth: [{ type: 'file', users: 'users.yml' }] },
    (made) => writeFileSync(path.join(made.home, 'users.yml'), JSON.stringify({ ann: { password: hash }, bob: { password: hash } })),
  );
  const basic = (user) => ({ authorization: `Basic ${Buffer.from(`${user}:sesame`).toString('base64')}` });
  const ann = await SyncSession.open(t, server, { headers: basic('ann') });
  const events = await listen(server, basic('ann'));
  assert.equal(events.status, 200);

  const third = await SyncSession.connect(t, server, { headers: basic('ann') });
  assert.equal((await third.expect({ type: 'error' })).code, 'LIMIT_REACHED');
  assert.equal(await third.end(), 4029);
  assert.equal((await listen(server, basic('ann'))).status, 429);
  const session = await Session.open(t, server.url);
  await session.challenge();
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{"username":"ann","password":"sesame"}' });
  const reply = await session.next();
  assert.equal(reply.action, AUTH.AUTH_UNSUCCESSFUL);
  assert.match(JSON.stringify(reply), /LIMIT_REACHED/);
  await session.closed;
  const pulse = await knock(server, '/subscribe', { ...headersOf('User', [{ name: 'id', kind: 'scalar', type: 'String', isId: true }]), ...basic('ann') });
  assert.equal(pulse.status, 429, JSON.stringify(pulse));

  await SyncSession.open(t, server, { headers: basic('bob') });
  assert.ok((await metric(server, 'freshet_connections_users_refused_total')) >= 4);
  ann.close();
  await until(async () => {
    const again = await SyncSession.connect(t, server, { headers: basic('ann') });
    await until(() => again.frames.length > 0, 'an answer');
    return again.frames[0].type === 'welcome';
  }, 'room');
  events.end();
});

test('who sends too many messages waits, and loses nothing', async (t) => {
  const server = await started({ limits: { messagesPerSecond: 200 } });
  const session = await SyncSession.open(t, server);
  const began = Date.now();
  for (let i = 0; i < 600; i++) session.say({ type: 'ping', ref: `p${i}` });
  await until(() => session.frames.length >= 600, 'all answers');
  assert.deepEqual(session.frames.map((frame) => frame.ref), Array.from({ length: 600 }, (_, i) => `p${i}`));
  assert.ok(Date.now() - began > 1500, 'it took as long as it should');
  assert.ok((await metric(server, 'freshet_connections_paused_total')) > 0);

  const answers = await new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1');
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk;
      if (!all.includes('RATE_LIMITED')) socket.write('GET /health-check HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1));
    });
    socket.on('close', () => resolve(all));
    socket.write('GET /health-check HTTP/1.1\r\nHost: localhost\r\n\r\n');
    setTimeout(() => socket.destroy(), 10_000).unref();
  });
  assert.match(answers, /429 Too Many Requests[^]*RATE_LIMITED/);
});

test('who sends too many bytes waits, and loses nothing', async (t) => {
  const server = await started({ limits: { bytesPerSecond: '100KiB' } });
  const session = await SyncSession.open(t, server);
  const began = Date.now();
  for (let i = 0; i < 30; i++) session.say({ type: 'ping', ref: `${i}`.padEnd(10_000, 'x') });
  session.say({ type: 'ping', ref: 'last' });
  await session.expect({ ref: 'last' });
  assert.ok(Date.now() - began > 1000, 'it took as long as it should');
});

test('who sends nonsense is listened to less', async (t) => {
  const server = await started({ limits: { badMessagesPerSecond: 50 } });
  const [good, bad] = [await SyncSession.open(t, server), await Session.login(t, server)];
  const answered = () => bad.inbox.length;
  for (let i = 0; i < 600; i++) bad.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  const ping = await send(server, 'GET', '/health-check');
  assert.equal(ping.status, 200);
  await good.settled();
  await until(() => answered() >= 600, 'all answers');
  assert.ok((await metric(server, 'freshet_connections_paused_total')) > 0);
});
