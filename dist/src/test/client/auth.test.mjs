// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Logging in where not everybody may: users file, API keys, signed tokens, a web service; what the npm client makes
// of the answers, and how a login ends (protocol reference, sections 4.2 and 4.3).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { client, json, open, rejection, unique, until, within } from './clients.mjs';
import { send } from './http.mjs';
import { AUTH, CONNECTION, Session, TOPIC } from './raw.mjs';
import { Server } from './server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');
const secret = 'at least thirty-two bytes of secret';
const adminToken = 'an-admin-token-for-tests';
const sesame = freshet('hash', 'sesame').trim();
const mellon = freshet('hash', 'mellon').trim();

/// Runs a command to its end; what it prints.
function freshet(...args) {
  return execFileSync(command, args, { cwd: here, encoding: 'utf8' });
}

/// What the users file says now; written anew with every change.
const users = {
  ann: { password: sesame, clientData: { theme: 'dark' }, serverData: { role: 'admin' } },
  bob: { password: mellon, id: 'user-7' },
  cleo: { password: sesame, clientData: { plan: 'free' } },
  dora: { password: sesame },
};

const servers = [];
after(() => Promise.all(servers.map((each) => each.dispose())));

/// A server with these entries of `auth`; `place` puts its files into its directory first.
async function started(config, place = () => {}) {
  const made = new Server({ admin: { token: adminToken }, ...config });
  servers.push(made);
  place(made);
  return made.start();
}

function file(of, name) {
  return path.join(of.home, name);
}

function writeUsers(of) {
  writeFileSync(file(of, 'users.yml'), JSON.stringify(users));
}

const server = await started(
  {
    auth: [
      { type: 'apiKeys', keys: 'keys.yml' },
      { type: 'jwt', secret, audience: 'app', leeway: '0s', clientDataClaim: 'profile' },
      { type: 'file', users: 'users.yml' },
    ],
    limits: { loginFailuresPerAddress: 1000 },
  },
  (made) => {
    writeUsers(made);
    writeFileSync(file(made, 'keys.yml'), '');
  },
);

function createKey(name, ...more) {
  const text = freshet('key', 'create', '--keys', file(server, 'keys.yml'), '--name', name, '--user', name, ...more);
  const key = /fk_\S+/.exec(text)[0];
  const list = freshet('key', 'list', '--keys', file(server, 'keys.yml'));
  return { key, id: list.split('\n').find((line) => line.includes(name)).split(/\s+/)[0] };
}

function revokeKey(id) {
  freshet('key', 'revoke', '--keys', file(server, 'keys.yml'), id);
}

/// Until the server has read the file that holds a new key.
function known(key) {
  return until(async () => (await auth({ token: key })).status === 200, 'the new key');
}

function jwt(sub, { expires = '1h', claims = {}, aud = 'app' } = {}) {
  return freshet('token', '--secret', secret, '--sub', sub, '--aud', aud, '--expires', expires, '--claims', JSON.stringify(claims)).trim();
}

function auth(login, headers = {}) {
  return send(server, 'POST', '/api/auth', { body: login, headers });
}

/// Asks the API something that anybody who is in may.
function api(more = {}, headers = {}) {
  const body = [{ topic: 'record', action: 'head', recordName: 'x' }];
  return send(server, 'POST', '/api', { body: { ...more, body }, headers });
}

async function admin(method, target) {
  return (await send(server, method, target, { headers: { Authorization: `Bearer ${adminToken}` } })).json;
}

/// Users of the open connections.
async function present() {
  return (await admin('GET', '/admin/connections')).connections.map((each) => each.user);
}

async function works(made) {
  const record = await open(made, unique('auth'));
  await within(record.setWithAck('a', 1), 'a write');
}

function login(made, data) {
  return within(made.login(data), 'the login');
}

/// A client that is in.
async function loggedIn(t, data, options) {
  const made = client(t, server.url, options);
  await login(made, data);
  return made;
}

/// The next event of that name.
function event(made, name) {
  return within(new Promise((resolve) => made.once(name, resolve)), name);
}

test('login tells the callback, the promise and clientDataChanged the client data', async (t) => {
  const made = client(t, server.url);
  const changed = event(made, 'clientDataChanged');
  const [success, data] = await within(
    new Promise((resolve) => made.login({ username: 'ann', password: 'sesame' }, (...args) => resolve(args))), 'the callback');
  assert.equal(success, true);
  assert.deepEqual(json(data), { theme: 'dark' });
  assert.deepEqual(json(await changed), { theme: 'dark' });
  await works(made);
  const other = client(t, server.url);
  assert.deepEqual(json(await login(other, { username: 'ann', password: 'sesame' })), { theme: 'dark' });
  assert.equal(other.getConnectionState(), 'OPEN');
});

test('the user id of the file is the one that counts', async (t) => {
  await loggedIn(t, { username: 'bob', password: 'mellon' });
  await until(async () => (await present()).includes('user-7'), 'the connection in the list');
});

test('a wrong password, an unknown user and no login at all are refused alike, and the next try may succeed', async (t) => {
  for (const wrong of [{ username: 'ann', password: 'wrong' }, { username: 'nobody', password: 'sesame' }, {}]) {
    const made = client(t, server.url);
    const [success, data] = await within(new Promise((resolve) => made.login(wrong, (...args) => resolve(args))), 'the callback');
    assert.equal(success, false);
    assert.deepEqual(data, { reason: 'INVALID_AUTHENTICATION_DETAILS' });
    assert.equal(made.getConnectionState(), 'AWAITING_AUTHENTICATION');
    assert.deepEqual(await rejection(login(made, wrong)), { reason: 'INVALID_AUTHENTICATION_DETAILS' });
    await login(made, { username: 'ann', password: 'sesame' });
    await works(made);
  }
});

test('after too many failed logins the client is told, and is done', async (t) => {
  const made = client(t, server.url, { expecting: ['TOO_MANY_AUTH_ATTEMPTS', 'IS_CLOSED'] });
  for (let i = 0; i < 2; i++) await rejection(login(made, { username: 'ann', password: `wrong ${i}` }));
  const told = until(() => made.errors.some((error) => error.event === 'TOO_MANY_AUTH_ATTEMPTS'), 'TOO_MANY_AUTH_ATTEMPTS');
  await rejection(login(made, { username: 'ann', password: 'wrong' }));
  await told;
  assert.equal(made.getConnectionState(), 'TOO_MANY_AUTH_ATTEMPTS');
  made.login({ username: 'ann', password: 'sesame' }, () => {});
  await until(() => made.errors.some((error) => error.event === 'IS_CLOSED'), 'IS_CLOSED');
});

test('frame by frame: three refusals, then TOO_MANY_AUTH_ATTEMPTS and the end', async (t) => {
  const session = await Session.open(t, server.url);
  await session.challenge();
  for (let i = 0; i < 3; i++) {
    session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{"username":"ann","password":"x"}' });
    await session.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_UNSUCCESSFUL });
  }
  await session.expect({ topic: TOPIC.AUTH, action: AUTH.TOO_MANY_AUTH_ATTEMPTS });
  await within(session.closed, 'the close');
});

test('an API key logs in until it is revoked; the client then learns that it cannot come back', async (t) => {
  const { key, id } = createKey('importer');
  await known(key);
  const made = await loggedIn(t, { token: key });
  const bystander = await loggedIn(t, { username: 'dora', password: 'sesame' });
  await works(made);
  const { json: issued } = await auth({ token: key });
  const failed = event(made, 'reauthenticationFailure');
  revokeKey(id);
  assert.deepEqual(await failed, { reason: 'INVALID_AUTHENTICATION_DETAILS' });
  assert.equal(made.getConnectionState(), 'AWAITING_AUTHENTICATION');
  assert.equal((await auth({ token: key })).status, 401);
  assert.equal((await api({ token: issued.token })).status, 401, 'what was issued for the key is over, too');
  await login(made, { username: 'dora', password: 'sesame' });
  await works(made);
  assert.equal(bystander.getConnectionState(), 'OPEN');
});

test('a signed token logs in, and its end is the end of the connection', async (t) => {
  const lasting = await loggedIn(t, { token: jwt('sue', { claims: { profile: { lang: 'de' } } }) });
  assert.equal(lasting.getConnectionState(), 'OPEN');
  const token = jwt('sue', { expires: '4s', claims: { profile: { lang: 'fr' } } });
  const brief = client(t, server.url);
  const failed = event(brief, 'reauthenticationFailure');
  assert.deepEqual(json(await login(brief, { token })), { lang: 'fr' });
  assert.deepEqual(json(await failed), { reason: { error: 'TOKEN_EXPIRED' } });
  await works(lasting);
  assert.equal((await auth({ token })).status, 401);
  const anew = jwt('sue');
  await login(brief, { token: anew });
  await works(brief);
  assert.equal((await auth({ token: jwt('sue', { aud: 'other' }) })).status, 401);
});

test('a changed user is logged in again with the new data, one who is gone is not', async (t) => {
  const changing = await loggedIn(t, { username: 'cleo', password: 'sesame' });
  const leaving = await loggedIn(t, { username: 'dora', password: 'sesame' });
  const staying = await loggedIn(t, { username: 'ann', password: 'sesame' });
  const changed = event(changing, 'clientDataChanged');
  const failed = event(leaving, 'reauthenticationFailure');
  users.cleo.clientData = { plan: 'paid' };
  const { dora } = users;
  delete users.dora;
  t.after(() => {
    users.dora = dora;
    writeUsers(server);
  });
  writeUsers(server);
  assert.deepEqual(json(await changed), { plan: 'paid' });
  assert.deepEqual(await failed, { reason: 'INVALID_AUTHENTICATION_DETAILS' });
  await works(changing);
  assert.equal(staying.getConnectionState(), 'OPEN');
});

test('a token from POST /api/auth logs a client and requests in', async (t) => {
  const { status, json: issued } = await auth({ username: 'ann', password: 'sesame' });
  assert.equal(status, 200);
  assert.deepEqual(issued.clientData, { theme: 'dark' });
  const made = client(t, server.url);
  assert.deepEqual(json(await login(made, { token: issued.token })), { theme: 'dark' });
  await works(made);
  assert.equal((await api({ token: issued.token })).status, 200);
  assert.equal((await api({}, { Authorization: `Bearer ${issued.token}` })).status, 200);
});

test('requests show who they are in the body or the header', async () => {
  const token = jwt('sue');
  const basic = `Basic ${Buffer.from('ann:sesame').toString('base64')}`;
  for (const [more, headers] of [
    [{ token }, {}], [{ authData: { username: 'ann', password: 'sesame' } }, {}], [{}, { Authorization: `Bearer ${token}` }],
    [{}, { authorization: `bearer ${token}` }], [{}, { Authorization: basic }],
  ]) {
    const answer = await api(more, headers);
    assert.deepEqual([answer.status, answer.json?.result], [200, 'SUCCESS'], JSON.stringify([more, headers]));
  }
  for (const [more, headers] of [
    [{}, {}], [{ token: 'x' }, {}], [{ authData: { username: 'ann', password: 'x' } }, {}], [{}, { Authorization: 'Bearer x' }],
    [{}, { Authorization: `Digest ${token}` }], [{ token: 'x' }, { Authorization: `Bearer ${token}` }],
  ]) {
    assert.equal((await api(more, headers)).status, 401, JSON.stringify([more, headers]));
  }
  assert.equal((await auth({})).status, 401);
  assert.equal((await auth({}, { Authorization: basic })).status, 200);
});

test('a header of the handshake logs in when the login shows nothing', async (t) => {
  const session = await Session.open(t, server.url, { headers: { Authorization: `Bearer ${jwt('hans')}` } });
  await session.challenge();
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{"token":"wrong"}' });
  assert.equal((await session.next()).action, AUTH.AUTH_UNSUCCESSFUL);
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  assert.equal((await session.next()).action, AUTH.AUTH_SUCCESSFUL);
  await until(async () => (await present()).includes('hans'), 'the connection in the list');
});

test('who is kicked comes back by itself, because the login is still good', async (t) => {
  const made = await loggedIn(t, { username: 'bob', password: 'mellon' });
  const states = [];
  made.on('connectionStateChanged', (state) => states.push(state));
  const ids = (await admin('GET', '/admin/connections')).connections.filter((each) => each.user === 'user-7').map((each) => each.id);
  for (const id of ids) await admin('DELETE', `/admin/connections/${id}`);
  await until(() => states.includes('RECONNECTING') && made.getConnectionState() === 'OPEN', 'the reconnect');
  await works(made);
});

/// A web service that answers when the test says so.
async function service(t) {
  const asked = [];
  const listening = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () =>
      asked.push({
        question: JSON.parse(body),
        answer: (status, value) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value)),
      }));
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.after(() => listening.close());
  return { url: `http://127.0.0.1:${listening.address().port}/auth`, next: () => until(() => asked.shift(), 'a question') };
}

test('the time to log in runs out, but not while a login is under way', async (t) => {
  const web = await service(t);
  const timed = await started({ auth: [{ type: 'http', url: web.url }], deepstream: { unauthenticatedTimeout: '1s' } });
  const silent = client(t, timed.url, { expecting: ['AUTHENTICATION_TIMEOUT'] });
  const asking = await Session.open(t, timed.url, { headers: { Cookie: 'session=7' } });
  await asking.challenge();
  asking.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  const { question, answer } = await web.next();
  assert.equal(question.connectionData.headers.cookie, 'session=7');
  assert.equal(question.connectionData.remoteAddress, '127.0.0.1');
  const later = await Session.open(t, timed.url);
  await later.challenge();
  await later.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.AUTHENTICATION_TIMEOUT });
  await within(later.closed, 'the close'); // opened after the other, whose time is over, too
  await until(() => silent.getConnectionState() === 'AUTHENTICATION_TIMEOUT', 'AUTHENTICATION_TIMEOUT');
  answer(200, { id: 'slow', clientData: { waited: true } });
  const reply = await asking.next();
  assert.deepEqual([reply.action, reply.data], [AUTH.AUTH_SUCCESSFUL, { waited: true }]);
});

test('an address that fails too often has to wait, whatever it shows then', async (t) => {
  const strict = await started(
    { auth: [{ type: 'file', users: 'users.yml' }], limits: { loginFailuresPerAddress: 2 } }, writeUsers);
  const ask = (body) => send(strict, 'POST', '/api/auth', { body });
  for (let i = 0; i < 5; i++) assert.equal((await ask({})).status, 401, 'nothing shown, nothing guessed');
  for (let i = 0; i < 2; i++) assert.equal((await ask({ username: 'ann', password: 'wrong' })).status, 401);
  const waits = await ask({ username: 'ann', password: 'sesame' });
  assert.deepEqual([waits.status, waits.headers['retry-after'], waits.text.trim()], [429, '1', 'TOO_MANY_FAILED_LOGINS']);
  const made = client(t, strict.url);
  const reason = await rejection(login(made, { username: 'ann', password: 'sesame' }));
  assert.equal(reason.reason.error, 'TOO_MANY_FAILED_LOGINS');
  await until(() => made.login({ username: 'ann', password: 'sesame' }).then(() => true, () => false), 'the end of the wait');
});

test('connections that have not logged in are bounded, and counted when turned away', async (t) => {
  const bounded = await started({ auth: [{ type: 'file', users: 'users.yml' }], limits: { unauthenticatedConnections: 2 } }, writeUsers);
  const first = await Session.open(t, bounded.url);
  await Session.open(t, bounded.url);
  const third = await Session.open(t, bounded.url);
  assert.equal(await within(third.closed, 'the close'), 1013);
  const page = (await send(bounded, 'GET', '/metrics')).text;
  assert.match(page, /^freshet_messages_refused_total\{[^}]*reason="unauthenticated"[^}]*\} 1(\.0)?$/m);
  assert.match(page, /^freshet_queue_depth\{[^}]*queue="login-hashing"[^}]*\} 0(\.0)?$/m);
  assert.match(page, /^freshet_login_addresses 0(\.0)?$/m);
  await first.challenge();
  first.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{"username":"ann","password":"sesame"}' });
  assert.equal((await first.next()).action, AUTH.AUTH_SUCCESSFUL);
  const fourth = await Session.open(t, bounded.url);
  await fourth.challenge();
});
