// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Opening a connection, keeping it, losing it, and coming back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FreshetError, RealtimeClient } from '@freshet/client';
import type { ConnectionDetail, ConnectionState } from '@freshet/client';
import { client, connected, ScriptedServer } from '../scripted.js';
import { later, rejection, until, within } from '../waiting.js';

/** Long enough for a busy machine to log in, and not to wait for long. */
const SOON_MS = 1_500;

function statesOf(realtime: RealtimeClient) {
  const states: ConnectionState[] = [];
  const details: ConnectionDetail[] = [];
  realtime.on('connection', (state, detail) => {
    states.push(state);
    details.push(detail);
  });
  return { states, details };
}

function errorsOf(realtime: RealtimeClient) {
  const errors: FreshetError[] = [];
  realtime.on('error', (error) => errors.push(error));
  return errors;
}

test('connects by itself, and is connected once the server says welcome', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const { states, details } = statesOf(realtime);
  assert.equal(realtime.state, 'connecting');
  const peer = await server.next();
  assert.equal(realtime.state, 'connecting');
  peer.welcome();
  await within(realtime.connect(), 'the welcome');
  assert.deepEqual(states, ['connecting', 'connected']);
  assert.deepEqual(
    details.map(({ previous }) => previous),
    ['disconnected', 'connecting'],
  );
  assert.deepEqual(server.paths, ['/ws']);
  assert.equal(peer.unread, 0, 'without a token nothing is said first');
});

test('autoConnect: false waits for connect()', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { autoConnect: false });
  assert.equal(realtime.state, 'disconnected');
  assert.equal((await rejection(realtime.sync.get('session', 'a'))).code, 'UNAVAILABLE');
  const done = realtime.connect();
  (await server.next()).welcome();
  await within(done, 'the welcome');
  assert.equal(server.paths.length, 1);
});

test('an address may have a path, be http, or lack a scheme', async (t) => {
  const server = await ScriptedServer.start(t);
  const port = new URL(server.url).port;
  for (const [url, path] of [
    [`http://127.0.0.1:${port}`, '/ws'],
    [`127.0.0.1:${port}`, '/ws'],
    [`ws://127.0.0.1:${port}/realtime/ws?a=1`, '/realtime/ws?a=1'],
  ] as const) {
    client(t, url);
    await server.next();
    assert.equal(server.paths.pop(), path);
  }
  assert.throws(() => new RealtimeClient({ url: 'ws://[' }), TypeError);
});

test('shows its token first', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { token: 'secret' });
  const peer = await server.next();
  assert.deepEqual(await peer.next('auth'), { type: 'auth', token: 'secret' });
  assert.equal(realtime.state, 'connecting');
  peer.welcome();
  await within(realtime.connect(), 'the welcome');
});

test('a token function is asked before every connection', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  client(t, server, { token: async () => `token ${++asked}` });
  for (const token of ['token 1', 'token 2']) {
    const peer = await server.next();
    assert.equal((await peer.next('auth'))['token'], token);
    peer.welcome();
    peer.cut();
  }
});

test('a token function that fails is asked again', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, {
    token: () => {
      if (++asked === 1) throw new Error('no network');
      return 'good';
    },
  });
  const { details } = statesOf(realtime);
  const peer = await server.next();
  assert.equal((await peer.next('auth'))['token'], 'good');
  assert.match(details[1]?.reason ?? '', /no network/);
});

test('what is asked for before the welcome is sent after it, in order', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const first = realtime.sync.create('session', { n: 1 }, 'a');
  realtime.subscribe({ topic: 'sync.session.updated' });
  const second = realtime.sync.get('session', 'a');
  const peer = await server.next();
  peer.welcome();
  const create = await peer.next('sync');
  await peer.next('subscribe');
  const get = await peer.next('sync');
  assert.deepEqual([create['op'], get['op']], ['create', 'get']);
  peer.result(get, { document: { id: 'a', revision: 2 } });
  peer.result(create, { document: { id: 'a', revision: 1 } });
  assert.equal((await within(first, 'the create')).revision, 1);
  assert.equal((await within(second, 'the get')).revision, 2);
});

test('what is asked for when told of the connection is sent once', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const first = realtime.sync.get('session', 'first');
  realtime.on('connection', (state) => {
    if (state === 'connected') realtime.subscribe({ topic: 'sync.session.updated' });
  });
  const peer = await server.next();
  peer.welcome();
  peer.result(await peer.next('sync'), { document: {} });
  await first;
  await peer.next('subscribe');
  await within(roundTrip(realtime, peer), 'the next frame to be of the next call');
});

test('comes back after the connection fell, and says so', async (t) => {
  const { server, realtime, peer } = await connected(t);
  const { states, details } = statesOf(realtime);
  peer.close(1012, 'restart');
  const next = await server.next();
  assert.equal(realtime.state, 'reconnecting');
  next.welcome();
  await until(() => realtime.state === 'connected', 'the client to be back');
  assert.deepEqual(states, ['reconnecting', 'connected']);
  const { delayMs, ...detail } = details[0] ?? { previous: 'connected' };
  assert.deepEqual(detail, { previous: 'connected', code: 1012, reason: 'restart', attempt: 1 });
  assert.ok(delayMs !== undefined && delayMs >= 1 && delayMs <= 2, `waits ${delayMs} ms`);
});

test('gives up after so many attempts, tells all who wait, and can be told to begin anew', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server.url, { reconnectionAttempts: 3 });
  (await server.next()).welcome();
  await realtime.connect();
  const { states, details } = statesOf(realtime);
  const errors = errorsOf(realtime);
  server.stop();
  await until(() => states.length > 0, 'the loss');
  const get = rejection(realtime.sync.get('session', 'a'));
  const ready = rejection(realtime.ready(realtime.subscribe({ topic: 'sync.session.updated' })));
  await until(() => realtime.state === 'disconnected', 'the end');
  assert.deepEqual(
    details.map(({ attempt }) => attempt),
    [1, 2, 3, undefined],
  );
  assert.deepEqual(states.slice(-2), ['reconnecting', 'disconnected']);
  assert.equal((await get).code, 'UNAVAILABLE');
  assert.equal((await ready).code, 'UNAVAILABLE');
  assert.deepEqual(
    errors.map(({ code, status }) => [code, status]),
    [['UNAVAILABLE', 503]],
  );
  assert.match(errors[0]?.message ?? '', /ECONNREFUSED/);
  assert.equal(details.at(-1)?.error, errors[0]);
  assert.equal((await rejection(realtime.connect())).code, 'UNAVAILABLE');
  assert.equal(errors.length, 1, 'who waited was told; nobody else needs to be');
});

test('attempts count in a row: a welcome begins anew', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { reconnectionAttempts: 1 });
  for (let falls = 0; falls < 3; falls++) {
    const peer = await server.next();
    peer.welcome();
    await until(() => realtime.state === 'connected', 'the welcome');
    peer.cut();
  }
  (await server.next()).welcome();
});

test('a listener that connects when told of the loss does not make two connections', async (t) => {
  const { server, realtime, peer } = await connected(t);
  realtime.on('connection', (state) => {
    if (state === 'reconnecting') void realtime.connect();
  });
  peer.cut();
  const next = await server.next();
  next.welcome();
  await within(roundTrip(realtime, next), 'the connection');
  await within(roundTrip(realtime, next), 'the connection to stay');
  assert.equal(server.paths.length, 2);
});

test('reconnection: false tries once', async (t) => {
  const { realtime, peer } = await connected(t, { reconnection: false });
  const errors = errorsOf(realtime);
  peer.cut();
  await until(() => realtime.state === 'disconnected', 'the end');
  assert.equal(errors[0]?.code, 'UNAVAILABLE');
});

test('connect() while it waits for the next attempt makes it at once', async (t) => {
  const { server, realtime, peer } = await connected(t, {
    reconnectionDelay: 3_600_000,
    reconnectionDelayMax: 3_600_000,
  });
  peer.cut();
  await until(() => realtime.state === 'reconnecting', 'the loss');
  const back = realtime.connect();
  (await server.next()).welcome();
  await within(back, 'the welcome');
});

test('disconnect() ends it; operations that wait are rejected by what is known of them', async (t) => {
  const { realtime, peer } = await connected(t);
  const { states, details } = statesOf(realtime);
  const write = rejection(realtime.sync.merge('session', 'a', { n: 1 }));
  const read = rejection(realtime.sync.get('session', 'a'));
  const request = await peer.next('sync');
  await peer.next('sync');
  realtime.disconnect();
  const { code, status, requestId } = await write;
  assert.deepEqual([code, status, requestId], ['NOT_DURABLE', 503, request['requestId']]);
  assert.equal((await read).code, 'UNAVAILABLE');
  assert.deepEqual(states, ['disconnected']);
  assert.equal(details[0]?.error, undefined);
  assert.equal(await within(peer.closed, 'the close'), 1000);
  assert.equal((await rejection(realtime.sync.get('session', 'a'))).code, 'UNAVAILABLE');
});

test('disconnect() while connecting stops that, too', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const waiting = rejection(realtime.connect());
  const write = rejection(realtime.sync.create('session', {}));
  const peer = await server.next();
  realtime.disconnect();
  assert.equal((await waiting).code, 'UNAVAILABLE');
  assert.equal((await write).code, 'UNAVAILABLE', 'it was never sent');
  await within(peer.closed, 'the close');
  assert.equal(realtime.state, 'disconnected');
});

test('disconnect() while a token is fetched: no connection is made', async (t) => {
  const server = await ScriptedServer.start(t);
  const asked = later<void>();
  const token = later<string>();
  const realtime = client(t, server, {
    token: () => {
      asked.resolve();
      return token.promise;
    },
  });
  await within(asked.promise, 'the token function to be asked');
  realtime.disconnect();
  token.resolve('late');
  client(t, server);
  const peer = await server.next();
  peer.welcome();
  assert.equal(peer.unread, 0, 'the connection is that of the other client');
  assert.equal(server.paths.length, 1);
});

test('a server that does not say welcome is left', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { connectTimeout: 30 });
  const { details } = statesOf(realtime);
  await within((await server.next()).closed, 'the close');
  assert.match(details[1]?.reason ?? '', /no welcome within 30 ms/);
  (await server.next()).welcome();
  await until(() => realtime.state === 'connected', 'the second attempt');
});

test('a silent server is pinged, then left', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const { details } = statesOf(realtime);
  const peer = await server.next();
  peer.welcome({ heartbeatMs: 20 });
  await until(() => peer.pings >= 3, 'pings that are answered');
  assert.equal(realtime.state, 'connected');
  peer.answersPings = false;
  await within(peer.closed, 'the close');
  await until(() => details.at(-1)?.reason === 'the server has fallen silent', 'the reason');
  (await server.next()).welcome();
});

test('forbidden: gives up', async (t) => {
  const { realtime, peer } = await connected(t);
  const errors = errorsOf(realtime);
  peer.close(4003, 'not here');
  await until(() => realtime.state === 'disconnected', 'the end');
  assert.deepEqual(
    errors.map(({ status, code, message }) => [status, code, message]),
    [[403, 'FORBIDDEN', 'not here']],
  );
});

for (const [code, expected] of [
  [4001, 'UNAUTHENTICATED'],
  [4009, 'TOKEN_EXPIRED'],
] as const) {
  test(`close ${code} with a fixed token: gives up`, async (t) => {
    const server = await ScriptedServer.start(t);
    const realtime = client(t, server, { token: 'old' });
    const waiting = rejection(realtime.connect());
    const peer = await server.next();
    await peer.next('auth');
    peer.close(code);
    const error = await waiting;
    assert.deepEqual([error.status, error.code], [401, expected]);
    assert.equal(realtime.state, 'disconnected');
  });

  test(`close ${code} with a token function: comes back with a new one`, async (t) => {
    const server = await ScriptedServer.start(t);
    let asked = 0;
    const realtime = client(t, server, { token: () => `token ${++asked}` });
    (await server.next()).close(code);
    const peer = await server.next();
    assert.equal((await peer.next('auth'))['token'], 'token 2');
    peer.welcome();
    await until(() => realtime.state === 'connected', 'the welcome');
  });
}

test('a login that is refused again and again ends it', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { token: () => 'bad', reconnectionAttempts: Infinity });
  const waiting = rejection(realtime.connect());
  const { states } = statesOf(realtime);
  for (let refusals = 0; refusals < 3; refusals++) {
    (await server.next()).close(4001, 'who are you?');
  }
  assert.equal((await waiting).message, 'who are you?');
  assert.deepEqual(states, ['connecting', 'reconnecting', 'reconnecting', 'disconnected']);
});

const REFUSAL = { type: 'error', status: 401, code: 'UNAUTHENTICATED', message: 'unknown token' };

test('a refused fixed token: gives up with what the server said', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { token: 'bad' });
  const waiting = rejection(realtime.connect());
  const peer = await server.next();
  await peer.next('auth');
  peer.send(REFUSAL);
  assert.equal((await waiting).message, 'unknown token');
  await within(peer.closed, 'the close');
});

test('a refused token of a function: shows a new one on the same connection', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, { token: async () => `token ${++asked}` });
  const peer = await server.next();
  await peer.next('auth');
  peer.send({ ...REFUSAL, code: 'TOKEN_EXPIRED' });
  assert.equal((await peer.next('auth'))['token'], 'token 2');
  peer.welcome();
  await within(realtime.connect(), 'the welcome');
  assert.equal(server.paths.length, 1);
});

test('a server that is too busy for logins is asked again, not before it wants to be', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { token: 'good' });
  const { details } = statesOf(realtime);
  const peer = await server.next();
  await peer.next('auth');
  const busy = { status: 429, code: 'RATE_LIMITED', message: 'later', retryAfterMs: 40 };
  peer.send({ type: 'error', ...busy });
  await (await server.next()).next('auth');
  assert.equal(details[1]?.delayMs, 40);
});

test('a new token is shown on the open connection before the old one ends', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, {
    token: () => ({
      token: `token ${++asked}`,
      expiresAt: Date.now() + (asked < 3 ? SOON_MS : 1e9),
    }),
  });
  const errors = errorsOf(realtime);
  const peer = await server.next();
  assert.equal((await peer.next('auth'))['token'], 'token 1');
  peer.welcome();
  assert.equal((await peer.next('auth'))['token'], 'token 2');
  peer.send({ type: 'authenticated' });
  assert.equal((await peer.next('auth'))['token'], 'token 3');
  peer.welcome();
  await within(roundTrip(realtime, peer), 'the connection to go on');
  assert.equal(server.paths.length, 1);
  assert.deepEqual(errors, []);
});

test('the end of a login that the server tells counts', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  client(t, server, { token: () => `token ${++asked}` });
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome({ expiresAt: Date.now() + SOON_MS });
  assert.equal((await peer.next('auth'))['token'], 'token 2');
});

test('the end that a JWT says of itself counts', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  client(t, server, {
    token: () => {
      asked++;
      const claims = {
        sub: 'ä',
        n: asked,
        exp: Date.now() / 1000 + (asked === 1 ? SOON_MS / 1000 : 1e6),
      };
      return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
    },
  });
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome();
  const renewed = String((await peer.next('auth'))['token']).split('.')[1] ?? '';
  assert.equal((JSON.parse(Buffer.from(renewed, 'base64url').toString()) as { n: number }).n, 2);
});

test('a renewal that is refused is reported, and the connection goes on while it may', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, {
    token: () => ({ token: `token ${++asked}`, expiresAt: Date.now() + SOON_MS }),
  });
  const errors = errorsOf(realtime);
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome();
  await peer.next('auth');
  peer.send(REFUSAL);
  await until(() => errors.length > 0, 'the report');
  assert.equal(errors[0]?.code, 'UNAUTHENTICATED');
  assert.equal(realtime.state, 'connected');
  peer.close(4009);
  assert.equal((await (await server.next()).next('auth'))['token'], 'token 3');
});

test('a renewal that is not answered is reported, and tried again', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, {
    connectTimeout: 200,
    token: () => ({ token: `token ${++asked}`, expiresAt: Date.now() + 4 * SOON_MS }),
  });
  const errors = errorsOf(realtime);
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome({ expiresAt: Date.now() + 2 * SOON_MS });
  assert.equal((await peer.next('auth'))['token'], 'token 2');
  await until(() => errors.length > 0, 'the report');
  assert.match(errors[0]?.message ?? '', /does not answer/);
  peer.send({ type: 'error', status: 401, code: 'TOKEN_EXPIRED', message: 'over' });
  assert.equal((await peer.next('auth'))['token'], 'token 3');
  peer.welcome();
  await within(roundTrip(realtime, peer), 'the connection to go on');
});

test('when the server says that the token has expired, a new one is shown at once', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, { token: () => `token ${++asked}` });
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome();
  peer.send({ type: 'error', status: 401, code: 'TOKEN_EXPIRED', message: 'over' });
  assert.equal((await peer.next('auth'))['token'], 'token 2');
  peer.welcome();
  await within(roundTrip(realtime, peer), 'the connection to go on');
});

test('a renewal that the connection took with it does not stand in the way of the next', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  client(t, server, { token: () => `token ${++asked}` });
  const expired = { type: 'error', status: 401, code: 'TOKEN_EXPIRED', message: 'over' };
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome();
  peer.send(expired);
  await peer.next('auth');
  peer.cut();
  const next = await server.next();
  assert.equal((await next.next('auth'))['token'], 'token 3');
  next.welcome();
  next.send(expired);
  assert.equal((await next.next('auth'))['token'], 'token 4');
});

test('an operation refused for an expired token is done with the next token', async (t) => {
  const server = await ScriptedServer.start(t);
  let asked = 0;
  const realtime = client(t, server, { token: () => `token ${++asked}` });
  const peer = await server.next();
  await peer.next('auth');
  peer.welcome();
  const write = realtime.sync.merge('session', 'a', { n: 1 });
  const request = await peer.next('sync');
  const refusal = { status: 401, code: 'TOKEN_EXPIRED', message: 'over' };
  peer.send({ type: 'error', requestId: request['requestId'], ...refusal });
  assert.equal((await peer.next('auth'))['token'], 'token 2');
  assert.equal(peer.unread, 0, 'the write waits for the login');
  peer.welcome();
  assert.deepEqual(await peer.next('sync'), request);
  peer.send({ type: 'error', requestId: request['requestId'], ...refusal });
  assert.equal((await rejection(write)).code, 'TOKEN_EXPIRED', 'once, not for ever');
});

test('errors of the connection are reported and do not end it', async (t) => {
  const { realtime, peer } = await connected(t);
  const errors = errorsOf(realtime);
  peer.send({ type: 'error', status: 400, code: 'INVALID_ARGUMENT', message: 'what?' });
  await until(() => errors.length > 0, 'the error');
  assert.equal(errors[0]?.message, 'what?');
  await within(roundTrip(realtime, peer), 'the connection to go on');
});

test('errors nobody listens to are written to the console', async (t) => {
  const { peer } = await connected(t);
  const warn = t.mock.method(console, 'warn', () => {});
  peer.send({ type: 'error', status: 400, code: 'INVALID_ARGUMENT', message: 'what?' });
  await until(() => warn.mock.callCount() > 0, 'the warning');
  assert.ok(warn.mock.calls[0]?.arguments[0] instanceof FreshetError);
});

test('several frames may come in one message, and frames of unknown types are passed over', async (t) => {
  const { realtime, peer } = await connected(t);
  const [a, b] = [realtime.sync.get('session', 'a'), realtime.sync.get('session', 'b')];
  const [first, second] = [await peer.next('sync'), await peer.next('sync')];
  peer.send([
    { type: 'result', requestId: second['requestId'], status: 200, document: { id: 'b' } },
    { type: 'somethingNew' },
    null,
    { type: 'result', requestId: first['requestId'], status: 200, document: { id: 'a' } },
  ]);
  assert.deepEqual([(await a).id, (await b).id], ['a', 'b']);
});

test('a message that is not JSON ends the connection, and the next one begins', async (t) => {
  const { server, realtime, peer } = await connected(t);
  const { details } = statesOf(realtime);
  peer.sendText('{"type":"result"');
  assert.equal(await within(peer.closed, 'the close'), 4002);
  assert.equal(details[0]?.reason, 'not JSON');
  (await server.next()).welcome();
});

test('clients know nothing of each other', async (t) => {
  const one = await connected(t);
  const other = await connected(t);
  one.realtime.disconnect();
  await within(roundTrip(other.realtime, other.peer), 'the other one');
});

/** An operation and its answer. */
async function roundTrip(
  realtime: RealtimeClient,
  peer: Awaited<ReturnType<ScriptedServer['next']>>,
): Promise<void> {
  const read = realtime.sync.get('session', 'round-trip');
  peer.result(await peer.next('sync'), { document: { id: 'round-trip' } });
  assert.equal((await read).id, 'round-trip');
}
