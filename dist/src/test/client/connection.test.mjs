// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The connection itself, by hand: handshake, login, time-outs, heartbeat, and what does not belong there.
import assert from 'node:assert/strict';
import test from 'node:test';
import WebSocket from 'ws';
import { client, connect, open, unique, until, within } from './clients.mjs';
import { AUTH, CONNECTION, EVENT, PARSER, RECORD, Session, TOPIC, encode, frame } from './raw.mjs';
import { Server, serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const challenge = { action: CONNECTION.CHALLENGE, url: 'ws://x/deepstream', protocolVersion: '0.1a', sdkVersion: '7.0.5', sdkType: 'javascript' };
const invalidMessage = { topic: TOPIC.CONNECTION, action: CONNECTION.INVALID_MESSAGE };
const authInvalid = { topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE };

/// The session is logged in and answers.
async function alive(session) {
  assert.equal(await session.head(unique('alive')), -1);
}

test('the handshake: CHALLENGE, ACCEPT, REQUEST, AUTH_SUCCESSFUL, then open', async (t) => {
  const session = await Session.open(t, server.url);
  session.send(TOPIC.CONNECTION, challenge);
  await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT });
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  const reply = await session.next();
  assert.equal(reply.data ?? null, null);
  delete reply.data;
  assert.deepEqual(reply, { topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL });
  await alive(session);
});

test('login with any object succeeds while authentication is open', async (t) => {
  for (const auth of [{}, { username: 'wolfram' }, { username: 'a', password: 'b', deep: { x: [1] } }]) {
    await alive(await Session.login(t, server, { auth }));
  }
});

test('neither url nor protocol version nor sdk is checked', async (t) => {
  const session = await Session.open(t, server.url);
  session.send(TOPIC.CONNECTION, { action: CONNECTION.CHALLENGE });
  await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT });
});

test('before the challenge any other topic is INVALID_MESSAGE, and the connection stays', async (t) => {
  const session = await Session.open(t, server.url);
  for (const [topic, fields] of [
    [TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' }], [TOPIC.RECORD, { action: RECORD.HEAD, name: 'x' }],
    [TOPIC.EVENT, { action: EVENT.EMIT, name: 'x' }],
  ]) {
    session.send(topic, fields);
    await session.expect(invalidMessage);
  }
  await session.challenge();
});

test('before the challenge what cannot be decoded counts as another topic', async (t) => {
  const session = await Session.open(t, server.url);
  for (const bytes of ['ffffffffffffffffffff', '0610021a0308', '00']) {
    session.sendBytes(Buffer.from(bytes, 'hex'));
    await session.expect(invalidMessage);
  }
  await session.challenge();
});

test('after the challenge only AUTH belongs there, and the connection stays', async (t) => {
  const session = await Session.open(t, server.url);
  await session.challenge();
  for (const [topic, fields] of [
    [TOPIC.RECORD, { action: RECORD.HEAD, name: 'x' }], [TOPIC.EVENT, { action: EVENT.EMIT, name: 'x' }],
    [TOPIC.CONNECTION, challenge],
  ]) {
    session.send(topic, fields);
    await session.expect(authInvalid);
  }
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  assert.equal((await session.next()).action, AUTH.AUTH_SUCCESSFUL);
});

for (const [what, fields] of Object.entries({
  'another action': { action: AUTH.AUTH_SUCCESSFUL, data: '{}' },
  'data that is a number': { action: AUTH.REQUEST, data: '17' },
  'data that is a string': { action: AUTH.REQUEST, data: '"text"' },
  'data that is true': { action: AUTH.REQUEST, data: 'true' },
})) {
  test(`login with ${what} is INVALID_MESSAGE_DATA and the end`, async (t) => {
    const session = await Session.open(t, server.url);
    await session.challenge();
    session.send(TOPIC.AUTH, fields);
    await session.expect({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA });
    await within(session.closed, 'the close');
  });
}

// The original does not answer PING before login, so that a waiting client kills its own connection.
test('PING is answered in every state [own rule]', async (t) => {
  const session = await Session.open(t, server.url);
  const ping = async () => {
    session.send(TOPIC.CONNECTION, { action: CONNECTION.PING });
    await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG });
  };
  await ping();
  await session.challenge();
  await ping();
  session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' });
  assert.equal((await session.next()).action, AUTH.AUTH_SUCCESSFUL);
  await ping();
});

test('PING is answered by PONG once logged in', async (t) => {
  const session = await Session.login(t, server);
  for (let n = 0; n < 3; n++) {
    session.send(TOPIC.CONNECTION, { action: CONNECTION.PING });
    await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG });
  }
});

test('a WebSocket ping is answered', async (t) => {
  const session = await Session.login(t, server);
  const pong = within(new Promise((resolve) => session.socket.once('pong', (data) => resolve(data.toString()))), 'pong');
  session.socket.ping('are you there');
  assert.equal(await pong, 'are you there');
});

test('body before topic in the envelope is the same message', async (t) => {
  const session = await Session.login(t, server);
  session.sendBytes(Buffer.from('061a0208021002', 'hex'));
  await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG });
});

test('topics that are unknown are UNKNOWN_TOPIC; the connection goes on', async (t) => {
  const session = await Session.login(t, server);
  for (const topic of [1, 8, 9, 10, 11, 100]) {
    session.send(topic, { action: 2 });
    await session.expect({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC });
  }
  await alive(session);
});

test('an npm client that uses what is switched off goes on with its records', async (t) => {
  const less = new Server({ deepstream: { features: { event: false, rpc: false, presence: false } } });
  t.after(() => less.dispose());
  await less.start();
  const a = await connect(t, less, { expecting: ['CONNECTION_ERROR'] }); // the server goes first
  a.event.subscribe('news', () => {});
  a.event.emit('news', { n: 1 });
  a.rpc.provide('add', () => {});
  a.presence.subscribe(() => {});
  const record = await open(a, unique());
  await record.setWithAck('n', 1);
  assert.equal(a.getConnectionState(), 'OPEN');
});

test('what cannot be decoded is answered on topic PARSER; the connection goes on', async (t) => {
  const session = await Session.login(t, server);
  for (const bytes of [
    Buffer.from('ffffffffffffffffffff', 'hex'), Buffer.from('0610021a0308', 'hex'), frame(77, Buffer.from('0802', 'hex')),
    frame(TOPIC.RECORD, Buffer.from('08033aff', 'hex')),
  ]) {
    session.sendBytes(bytes);
    assert.equal((await session.next()).topic, TOPIC.PARSER);
  }
  await alive(session);
});

test('an unknown action is ignored', async (t) => {
  const session = await Session.login(t, server);
  for (const action of [0, 1, 77, 999, -5]) session.record(action, { name: unique() });
  await session.silent();
});

test('compression is not negotiated', async (t) => {
  const session = await Session.open(t, server.url, { perMessageDeflate: true });
  assert.equal(session.socket.extensions, '');
});

test('only the deepstream path is a deepstream door', async (t) => {
  for (const path of ['/', '/deepstream/x', '/deepstreamx', '/nothing']) {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
    t.after(() => socket.terminate());
    const outcome = await within(
      new Promise((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('error', () => resolve('refused'));
      }), `an answer on ${path}`);
    assert.equal(outcome, 'refused', path);
  }
});

test('a query does not change the path [own rule]', async (t) => {
  const session = await Session.open(t, `${server.url}?x=y`);
  await session.challenge();
  const a = client(t, `${server.url}?token=1`);
  await within(a.login(), 'the login');
});

test('a text frame is no message: a typed answer or the end, and nothing for anybody else', async (t) => {
  const other = await Session.login(t, server);
  for (const session of [await Session.login(t, server), await Session.open(t, server.url)]) {
    session.socket.send('{"topic":5}');
    session.socket.send('');
    const outcome = await within(Promise.race([session.closed, session.next().catch(() => 'closed')]), 'an answer');
    assert.ok(outcome);
  }
  await alive(other);
});

test('a frame above the limit ends that connection, and no other', async (t) => {
  const [session, other] = [await Session.login(t, server), await Session.login(t, server)];
  session.sendBytes(Buffer.alloc(3 * 1024 * 1024, 1));
  await within(session.closed, 'the close');
  await alive(other);
});

// A page in a browser can reach a local server: while authentication is off, only local origins and hosts may.
for (const [what, options] of Object.entries({
  'a foreign Origin': { origin: 'https://evil.example' },
  'a foreign Host': { headers: { host: 'evil.example' } },
  'an Origin that only begins like a local one': { origin: 'http://localhost.evil.example' },
  'the Origin null': { origin: 'null' },
})) {
  test(`${what} is refused [own rule]`, async (t) => {
    await assert.rejects(Session.open(t, server.url, options));
  });
}

test('a local Origin and Host are welcome', async (t) => {
  for (const options of [
    { origin: 'http://localhost:3000' }, { origin: 'http://127.0.0.1' }, { headers: { host: `localhost:${server.port}` } },
  ]) {
    await (await Session.open(t, server.url, options)).challenge();
  }
});

test('who does not log in in time is told so and closed; who is logged in is not', async (t) => {
  const strict = await new Server({ deepstream: { unauthenticatedTimeout: '300ms' } }).start();
  t.after(() => strict.dispose());
  const good = await Session.login(t, strict);
  const silent = await Session.open(t, strict.url);
  const halfway = await Session.open(t, strict.url);
  await halfway.challenge();
  for (const session of [silent, halfway]) {
    await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.AUTHENTICATION_TIMEOUT });
    await within(session.closed, 'the close');
  }
  await alive(good);
});

test('the npm client that does not log in in time: final state, error, and no way back', async (t) => {
  const strict = await new Server({ deepstream: { unauthenticatedTimeout: '300ms' } }).start();
  t.after(() => strict.dispose());
  const late = client(t, strict.url, { expecting: ['AUTHENTICATION_TIMEOUT', 'IS_CLOSED'] });
  await until(() => late.getConnectionState() === 'AUTHENTICATION_TIMEOUT');
  await until(() => late.errors.some((error) => error.event === 'AUTHENTICATION_TIMEOUT' && error.topic === 'CONNECTION'));
  late.login({}, () => assert.fail('logged in'));
  await until(() => late.errors.some((error) => error.event === 'IS_CLOSED'));
});

test('a connection that says nothing for two heartbeats is closed, one that pings is kept', async (t) => {
  const strict = await new Server({ deepstream: { heartbeatInterval: '600ms' } }).start();
  t.after(() => strict.dispose());
  const pinging = await Session.login(t, strict);
  const timer = setInterval(() => pinging.isClosed || pinging.send(TOPIC.CONNECTION, { action: CONNECTION.PING }), 100);
  t.after(() => clearInterval(timer));
  const npm = await connect(t, strict, { heartbeatInterval: 300, expecting: ['CONNECTION_ERROR'] });
  const record = await open(npm, unique());
  const silent = await Session.login(t, strict);
  await within(silent.closed, 'the close of the silent one');
  assert.equal(pinging.isClosed, false);
  assert.equal(npm.getConnectionState(), 'OPEN');
  await record.setWithAck('n', 1);
});

test('an npm client with a quick heartbeat stays connected, since its pings are answered', async (t) => {
  const a = await connect(t, server, { heartbeatInterval: 250 });
  const states = [];
  a.on('connectionStateChanged', (state) => states.push(state));
  await open(a, unique());
  // Several of its own heartbeat checks pass; there is nothing else to wait for.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.deepEqual(states, []);
  assert.equal(a.getConnectionState(), 'OPEN');
});

test('a connection that ends leaves nothing behind for those that follow', async (t) => {
  const name = unique();
  for (let n = 0; n < 30; n++) {
    const session = await Session.login(t, server);
    await session.subscribe(name);
    session.socket.terminate();
    await session.closed;
  }
  const [writer, reader] = [await Session.login(t, server), await Session.login(t, server)];
  await reader.subscribe(name);
  await writer.set(name, { n: 1 });
  await reader.expectRecord(RECORD.UPDATE, { name, version: 1, data: { n: 1 } });
});

test('messages sent without waiting for the login are not lost silently', async (t) => {
  const session = await Session.open(t, server.url);
  session.sendBytes(encode(TOPIC.CONNECTION, challenge));
  session.sendBytes(encode(TOPIC.AUTH, { action: AUTH.REQUEST, data: '{}' }));
  await session.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT });
  assert.equal((await session.next()).action, AUTH.AUTH_SUCCESSFUL);
  await alive(session);
});
