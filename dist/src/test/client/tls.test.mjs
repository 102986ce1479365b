// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Over TLS: the unmodified npm clients, certificates of clients as logins, and what is refused.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import test, { after } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { authority } from './certificates.mjs';
import { until } from './clients.mjs';
import { AUTH, Session, TOPIC } from './raw.mjs';
import { Server } from './server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const house = authority();
const stranger = authority('Another authority');
const servers = [];
after(() => Promise.all(servers.map((each) => each.dispose())));

/// A server with a certificate for 127.0.0.1, or the one given.
async function started(config = {}, own = house.certify('localhost', { names: ['localhost', '127.0.0.1'] })) {
  const made = new Server({
    ...config,
    server: { tls: { certificate: 'cert.pem', key: 'key.pem', ...config.tls } },
    tls: undefined,
  });
  servers.push(made);
  for (const [name, text] of Object.entries({ 'cert.pem': own.cert, 'key.pem': own.key, 'ca.pem': house.ca })) {
    writeFileSync(path.join(made.home, name), text);
  }
  await made.start();
  made.wss = made.url.replace('ws:', 'wss:').replace('/deepstream', '');
  return made;
}

function opened(url, options) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.once('error', reject);
    socket.once('open', () => resolve(socket));
  });
}

/// Runs tls-client.mjs; what it printed.
async function program(server, ca) {
  const file = path.join(server.home, `trusted-${Math.random()}.pem`);
  writeFileSync(file, ca);
  const child = spawn(process.execPath, [path.join(here, 'tls-client.mjs'), `${server.wss}/deepstream`], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await once(child, 'exit');
  return output;
}

function get(server, path, options) {
  return new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', port: server.port, path, ...options }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
      })
      .on('error', reject);
  });
}

test('the deepstream client over wss://', async () => {
  const server = await started();
  assert.match(await program(server, house.ca), /^seen \{"a":\{"b":\[1,2\]\}\}$/m);
  assert.doesNotMatch(await program(server, stranger.ca), /seen/);
});

test('every door over TLS, and a broken name or time is noticed', async () => {
  const server = await started();
  for (const door of ['/deepstream', '/ws']) {
    const socket = await opened(server.wss + door, { ca: house.ca });
    socket.terminate();
  }
  assert.equal(await get(server, '/health-check', { ca: house.ca }), 200);
  assert.equal(await get(server, '/api/sync/nothing/documents', { ca: house.ca }), 200);
  await assert.rejects(opened(`${server.wss}/ws`, { ca: stranger.ca }), /self-signed|unable to verify|issuer/i);
  await assert.rejects(get(server, '/health-check', { ca: house.ca, servername: 'db.example' }), /altnames|Hostname/i);
  const late = await started({}, house.certify('localhost', { names: ['127.0.0.1'], days: -1 }));
  await assert.rejects(get(late, '/health-check', { ca: house.ca }), /expired/i);
});

test('no TLS 1.1, and no plain text', async () => {
  const server = await started();
  for (const [version, works] of [['TLSv1.3', true], ['TLSv1.2', true], ['TLSv1.1', false]]) {
    const options = { host: '127.0.0.1', port: server.port, ca: house.ca, minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    const how = await new Promise((resolve) => {
      const socket = tls.connect(options, () => resolve(socket.getProtocol()));
      socket.on('error', (error) => resolve(error.code ?? error.message));
      socket.on('close', () => resolve('closed'));
    });
    assert.equal(how === version, works, `${version}: ${how}`);
  }
  const answer = await fetch(`http://127.0.0.1:${server.port}/health-check`);
  assert.equal(answer.status, 400);
  assert.match((await answer.json()).message, /use https/);
});

test('a certificate is a login at every door', async (t) => {
  const server = await started({ tls: { clientCa: 'ca.pem', clientAuth: 'optional' }, auth: [{ type: 'certificate' }] });
  const sensor = { ca: house.ca, ...house.certify('sensor-7') };
  const known = await opened(`${server.wss}/ws`, sensor);
  const [welcome] = await once(known, 'message');
  assert.equal(JSON.parse(welcome).user, 'sensor-7');
  known.terminate();
  assert.equal(await get(server, '/api/sync/nothing/documents', sensor), 200);
  assert.equal(await get(server, '/api/sync/nothing/documents', { ca: house.ca }), 401);
  await assert.rejects(get(server, '/api/sync/nothing/documents', { ca: house.ca, ...stranger.certify('sensor-7') }));

  const session = await Session.open(t, `${server.wss}/deepstream`, sensor);
  await session.challenge();
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  assert.equal((await session.next()).action, AUTH.AUTH_SUCCESSFUL);
});

test('who has to show a certificate and has none does not come in', async () => {
  const server = await started({ tls: { clientCa: 'ca.pem' }, auth: [{ type: 'certificate', user: 'subject' }] });
  await assert.rejects(get(server, '/health-check', { ca: house.ca }));
  const sensor = { ca: house.ca, ...house.certify('sensor-7') };
  assert.equal(await get(server, '/health-check', sensor), 200);
  const known = await opened(`${server.wss}/ws`, sensor);
  const [welcome] = await once(known, 'message');
  assert.equal(JSON.parse(welcome).user, 'CN=sensor-7');
  known.terminate();
});

test('connections stay open while certificates change under load', async () => {
  const server = await started();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(`${server.wss}/ws`, { ca: house.ca })));
  const pongs = sockets.map(() => 0);
  let asking = true;
  sockets.forEach((socket, i) => {
    socket.on('message', (data) => {
      if (JSON.parse(data).type === 'pong') {
        pongs[i]++;
        if (asking) socket.send('{"type":"ping"}');
      }
    });
    socket.send('{"type":"ping"}');
  });
  for (const whose of [stranger, house, stranger]) {
    const next = whose.certify('localhost', { names: ['127.0.0.1'] });
    writeFileSync(path.join(server.home, 'cert.pem'), next.cert);
    writeFileSync(path.join(server.home, 'key.pem'), next.key);
    await until(
      async () =>
        get(server, '/health-check', { ca: whose.ca, agent: false }).then(
          (status) => status === 200,
          () => false,
        ),
      'the new certificate',
    );
    const before = [...pongs];
    await until(() => pongs.every((count, i) => count > before[i] + 10), 'pongs on all connections');
  }
  asking = false;
  assert.ok(sockets.every((socket) => socket.readyState === WebSocket.OPEN));
  sockets.forEach((socket) => socket.terminate());
});
