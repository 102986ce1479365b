// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Admin calls over HTTP and by `freshet admin`, with npm clients that see what they do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { client, connect, json, open, recorder, unique, until, untilEqual, within } from './clients.mjs';
import { send } from './http.mjs';
import { Server, serverForThisFile } from './server.mjs';
import { SyncSession, uniqueService } from './sync.mjs';

const token = 'a token for tests'.replaceAll(' ', '-');
const server = await serverForThisFile({ admin: { token } });
const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');

function call(method, target, { body, shown = token } = {}) {
  return send(server, method, target, { body, headers: shown === null ? {} : { Authorization: `Bearer ${shown}` } });
}

function record(name) {
  return `/admin/records/${encodeURIComponent(name)}`;
}

async function login(t, username) {
  const made = client(t, server.url);
  await within(made.login({ username }), 'the login');
  return made;
}

/// Runs `freshet admin` to its end.
function freshet(args, { group = 'admin', input = '', environment = { FRESHET_ADMIN_TOKEN: token } } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [group, ...args], { cwd: here, env: { ...process.env, FRESHET_ADMIN_TOKEN: '', ...environment } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

test('a record is written, read and deleted, and whoever watches is told', async (t) => {
  const name = unique('admin ü');
  const a = await connect(t, server);
  const watched = await open(a, name);
  assert.deepEqual((await call('PUT', record(name), { body: { n: 1 } })).json, { name, version: 1 });
  await untilEqual(() => [json(watched.get()), watched.version], [{ n: 1 }, 1]);
  assert.deepEqual((await call('GET', record(name))).json, { name, version: 1, data: { n: 1 } });
  const plain = `/admin/records/${name.split('/').map(encodeURIComponent).join('/')}`;
  assert.deepEqual((await call('GET', plain)).json, { name, version: 1, data: { n: 1 } }, 'a slash need not be encoded');
  const gone = new Promise((resolve) => watched.once('delete', resolve));
  assert.deepEqual((await call('DELETE', record(name))).json, { name, deleted: true });
  await gone;
  assert.deepEqual((await call('DELETE', record(name))).json, { name, deleted: false });
  const missing = await call('GET', record(name));
  assert.deepEqual([missing.status, missing.json.code], [404, 'NOT_FOUND']);
});

test('what is no record is refused', async () => {
  for (const [body, status, code] of [[5, 422, 'TYPE_MISMATCH'], [{ text: 'x'.repeat(1_050_000) }, 413, 'DOCUMENT_TOO_LARGE']]) {
    const answer = await call('PUT', record('x'), { body });
    assert.deepEqual([answer.status, answer.json.code], [status, code]);
  }
  const headers = { Authorization: `Bearer ${token}` };
  const broken = await send(server, 'PUT', record('x'), { body: '{', raw: true, headers });
  assert.deepEqual([broken.status, broken.json.code], [400, 'INVALID_JSON']);
  const form = await send(server, 'PUT', record('x'), { body: '{}', raw: true, headers: { ...headers, 'Content-Type': 'text/plain' } });
  assert.deepEqual([form.status, form.json.code], [415, 'UNSUPPORTED_MEDIA_TYPE']);
  for (const target of ['/admin/records', '/admin/records/', `/admin/records/${'x'.repeat(600)}`, '/admin/records/a%00b']) {
    const answer = await call('GET', target);
    assert.deepEqual([answer.status, answer.json.code], [400, 'INVALID_NAME'], target.slice(0, 40));
  }
  assert.equal((await call('GET', '/admin/records/%zz')).status, 400);
  assert.equal((await call('POST', record('x'), { body: {} })).status, 405);
  assert.equal((await call('GET', '/admin')).status, 404);
});

test('without the token there is no way in', async () => {
  for (const target of [record('x'), '/admin/connections', '/admin/users/x/connections']) {
    const method = target.includes('users') ? 'DELETE' : 'GET';
    for (const shown of [null, '', 'wrong', `${token}x`, token.slice(1)]) {
      const answer = await call(method, target, { shown });
      assert.deepEqual([answer.status, answer.json.code, answer.headers['www-authenticate']], [401, 'UNAUTHENTICATED', 'Bearer'], `${target} ${shown}`);
    }
  }
  const basic = await send(server, 'GET', record('x'), { headers: { Authorization: `Basic ${token}` } });
  assert.equal(basic.status, 401);
});

test('without a configured token admin calls are off, and say how to switch them on', async (t) => {
  const closed = new Server();
  t.after(() => closed.dispose());
  await closed.start();
  for (const headers of [{}, { Authorization: 'Bearer ' }, { Authorization: `Bearer ${token}` }]) {
    const answer = await send(closed, 'GET', '/admin/connections', { headers });
    assert.deepEqual([answer.status, answer.json.code], [403, 'FORBIDDEN']);
    assert.match(answer.json.message, /admin\.token/);
  }
});

test('connections are listed with who, where and since when, as long as they last', async (t) => {
  const before = Date.now();
  const a = await login(t, 'Anna');
  const of = async (user) => (await call('GET', '/admin/connections')).json.connections.filter((each) => each.user === user);
  const [anna, ...more] = await of('Anna');
  assert.deepEqual(more, []);
  assert.deepEqual([anna.door, anna.address], ['/deepstream', '127.0.0.1']);
  assert.ok(Date.parse(anna.since) >= before - 1000 && Date.parse(anna.since) <= Date.now() + 1000, anna.since);
  a.close();
  await untilEqual(() => of('Anna'), []);
  const stranger = client(t, server.url);
  await until(() => stranger.getConnectionState() === 'AWAITING_AUTHENTICATION', 'a connection that is not logged in');
  assert.deepEqual(await of('open'), []);
});

test('a kicked connection is closed after what was queued for it, and its client comes back', async (t) => {
  const a = await login(t, 'Kim');
  const states = recorder();
  a.on('connectionStateChanged', states);
  const name = unique();
  const watched = await open(a, name);
  const of = async () => (await call('GET', '/admin/connections')).json.connections.filter((each) => each.user === 'Kim').map((each) => each.id);
  const [id] = await of();
  assert.deepEqual((await call('DELETE', `/admin/connections/${id}`)).json, { closed: 1 });
  await until(() => states.calls.includes('RECONNECTING'), 'the close');
  await until(() => a.getConnectionState() === 'OPEN', 'the way back');
  // Not before the record is in step again: a client that loses its connection while it reads a record anew never asks for that record again.
  await call('PUT', record(name), { body: { back: 1 } });
  await untilEqual(() => json(watched.get()), { back: 1 });
  const [other] = await of();
  assert.notEqual(other, id);
  assert.deepEqual((await call('DELETE', '/admin/users/Kim/connections')).json, { closed: 1 });
  await until(async () => (await of()).some((each) => each !== other && each !== id), 'the second way back');
  await call('PUT', record(name), { body: { back: 2 } });
  await untilEqual(() => json(watched.get()), { back: 2 });
  const missing = await call('DELETE', `/admin/connections/${id}`);
  assert.deepEqual([missing.status, missing.json.code], [404, 'NOT_FOUND']);
  assert.equal((await call('DELETE', '/admin/connections/x')).status, 404);
  assert.deepEqual((await call('DELETE', '/admin/users/nobody/connections')).json, { closed: 0 });
  for (const [method, target] of [['DELETE', '/admin/connections'], ['GET', '/admin/connections/1'], ['DELETE', '/admin/users/x'], ['DELETE', '/admin/users/x/y']]) {
    assert.equal((await call(method, target)).status, 404, target);
  }
});

test('the program does all of it', async (t) => {
  const name = unique('cli ü');
  const at = ['--url', `http://127.0.0.1:${server.port}`];
  const a = await login(t, 'Cleo');
  const watched = await open(a, name);
  assert.deepEqual(await freshet(['put', name, '{"n": 1}', ...at]), { code: 0, out: `${name} is at version 1\n`, err: '' });
  await untilEqual(() => json(watched.get()), { n: 1 });
  assert.deepEqual(await freshet(['put', name, '-', ...at], { input: '[1,\n2]' }), { code: 0, out: `${name} is at version 2\n`, err: '' });
  assert.deepEqual(await freshet(['get', name, ...at, '--token', token], { environment: {} }), { code: 0, out: '[1,2]\n', err: '' });
  const listed = await freshet(['connections', ...at]);
  assert.equal(listed.code, 0);
  assert.match(listed.out, /^ID +USER +DOOR +ADDRESS +SINCE\n[^]*^\d+ +Cleo +\/deepstream +127\.0\.0\.1 /m);
  const id = /^(\d+) +Cleo/m.exec(listed.out)[1];
  assert.deepEqual(await freshet(['kick', '--connection', id, ...at]), { code: 0, out: 'connections closed: 1\n', err: '' });
  await until(async () => (await freshet(['kick', '--user', 'Cleo', ...at])).out === 'connections closed: 1\n', 'the way back');
  assert.deepEqual(await freshet(['delete', name, ...at]), { code: 0, out: `${name} is deleted\n`, err: '' });
  assert.deepEqual(await freshet(['delete', name, ...at]), { code: 0, out: `there was no ${name}\n`, err: '' });
  // With the server's own configuration only the port, which the test left open, has to be named.
  const configured = await freshet(['get', 'no/such', '--config', server.configFile, `--server.port=${server.port}`], { environment: {} });
  assert.deepEqual([configured.code, configured.out], [7, '']);
  assert.match(configured.err, /There is no record "no\/such"/);
});

test('the program says what is wrong and what to do', async () => {
  const at = ['--url', `http://127.0.0.1:${server.port}`];
  for (const [args, code, text, options] of [
    [['get', 'x', ...at], 2, /FRESHET_ADMIN_TOKEN/, { environment: {} }],
    [['get', 'x', ...at, '--token', 'wrong'], 6, /admin\.token as Authorization/],
    [['put', 'x', '{', ...at], 6, /Not valid JSON/],
    [['get', 'x', '--url', 'http://127.0.0.1:1'], 5, /cannot reach http:\/\/127\.0\.0\.1:1.*is the server running/],
    [['get', 'x', '--url', 'localhost:6020'], 2, /--url must be like/],
    [['get', 'x', '--server.port=0'], 2, /--url/],
    [['get', ...at], 2, /needs the name/], [['get', 'x', 'y', ...at], 2, /"y" is too much/], [['kick', ...at], 2, /--user or --connection/],
    [['get', 'x', '--user', 'u', ...at], 2, /belong to: freshet admin kick/], [[], 2, /get, put, delete, connections, kick/],
  ]) {
    const run = await freshet(args, options);
    assert.deepEqual([run.code, run.out], [code, ''], args.join(' '));
    assert.match(run.err, text);
  }
});

test('change streams are listed, reset and deleted, but not while a client has them', async (t) => {
  const collection = uniqueService();
  const name = `stream ${collection}/x`;
  const session = await SyncSession.open(t, server);
  const begin = async () => {
    session.say({ type: 'stream', ref: 'o', collection, name });
    return session.expect({ ref: 'o' });
  };
  const { streamId } = await begin();
  for (const id of ['a', 'b', 'c']) await session.done('create', { service: collection, id, data: {} });
  const target = `/admin/streams/${encodeURIComponent(name)}`;
  const show = async () => (await call('GET', target)).json;
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await session.expect({ type: 'change' })).event.id);
  session.say({ type: 'ack', streamId, id: ids[1] });
  await until(async () => (await show()).place === ids[1] && (await show()).delivered === 3, 'the place to be kept');
  const opened = await show();
  assert.deepEqual([opened.name, opened.collection, opened.captured, opened.filtered, opened.inFlight], [name, collection, 3, 0, 1]);
  assert.ok(opened.lagEvents >= 1 && opened.lagBytes > 0 && /^connection \d+ from /.test(opened.client), JSON.stringify(opened));
  for (const [method, path, body] of [['POST', `${target}/reset`, { to: 'earliest' }], ['DELETE', target]]) {
    const { status, json: refusal } = await call(method, path, { body });
    assert.deepEqual([status, refusal.code], [409, 'NAME_IN_USE']);
  }
  session.say({ type: 'stop', streamId });
  await session.expect({ type: 'stopped' });
  assert.equal((await call('POST', `${target}/reset`, { body: { to: 'nowhere' } })).status, 400);
  const at = ['--url', `http://127.0.0.1:${server.port}`, '--token', token];
  const cli = (...args) => freshet([...args, ...at], { group: 'streams' });
  assert.equal((await cli('reset', name, '--to', 'earliest')).code, 0);
  const again = await begin();
  assert.equal(again.resumed, true);
  assert.equal((await session.expect({ type: 'change', streamId: again.streamId })).event.id, ids[0]);
  const listed = await cli('list');
  assert.match(listed.out, /NAME +COLLECTION +PLACE/);
  assert.ok(listed.out.includes(name) && listed.out.includes('connection'), listed.out);
  assert.equal(JSON.parse((await cli('show', name)).out).name, name);
  assert.equal((await cli('delete', name)).code, 6);
  session.say({ type: 'stop', streamId: again.streamId });
  await session.expect({ type: 'stopped', streamId: again.streamId });
  assert.equal((await cli('delete', name)).code, 0);
  assert.equal((await cli('show', name)).code, 7);
  assert.equal((await cli('reset', name)).code, 2);
  assert.equal((await call('PUT', target)).status, 405);
});
