// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The documents face frame by frame: logging in, operations, subscriptions, and what is not understood.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { serverForThisFile } from './server.mjs';
import { SyncSession, told, uniqueService } from './sync.mjs';

const server = await serverForThisFile();

const SECRET = 'a secret of at least thirty-two characters';
const strict = await serverForThisFile({
  auth: [{ type: 'jwt', secret: SECRET, leeway: '0s' }],
});

function token(sub, seconds) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, iat: now, exp: now + seconds })}`;
  const signature = createHmac('sha256', SECRET).update(text).digest('base64url');
  return `${text}.${signature}`;
}

test('with open authentication the welcome comes at once', async (t) => {
  const session = new SyncSession(t, server.syncUrl);
  const welcome = await session.expect({ type: 'welcome' });
  assert.equal(welcome.heartbeatMs, 25_000);
  assert.equal(welcome.resumed, false);
  assert.equal(typeof welcome.connectionId, 'string');
});

test('a token logs in by the first frame, the query, a header or a sub-protocol', async (t) => {
  const anna = token('anna', 60);
  const first = await SyncSession.connect(t, strict);
  first.say({ type: 'auth', token: anna });
  const welcome = await first.expect({ type: 'welcome' });
  assert.equal(welcome.user, 'anna');
  assert.ok(welcome.expiresAt > Date.now());
  await SyncSession.open(t, strict, { query: `?token=${anna}` });
  await SyncSession.open(t, strict, { headers: { Authorization: `Bearer ${anna}` } });
  await SyncSession.open(t, strict, { protocols: ['freshet', `freshet.token.${anna}`] });
});

test('strangers may do nothing, and a wrong token of the request ends the connection with 4001', async (t) => {
  const stranger = await SyncSession.connect(t, strict);
  const refused = await stranger.refused('get', { service: 's', id: 'a' });
  assert.deepEqual([refused.status, refused.code], [401, 'UNAUTHENTICATED']);
  const wrong = await SyncSession.connect(t, strict, { query: '?token=wrong' });
  assert.equal(await wrong.end(), 4001);
});

test('a login is renewed on a live connection; one that is not ends with 4009', async (t) => {
  const session = await SyncSession.open(t, strict, { query: `?token=${token('anna', 3)}` });
  const other = await SyncSession.open(t, strict, { query: `?token=${token('bob', 3)}` });
  session.say({ type: 'auth', token: token('bob', 60), ref: 'x' });
  assert.equal((await session.expect({ ref: 'x' })).code, 'FORBIDDEN');
  session.say({ type: 'auth', token: token('anna', 60), ref: 'y' });
  assert.equal((await session.expect({ ref: 'y' })).type, 'authenticated');
  assert.equal(await other.end(), 4009);
  await session.settled();
});

test('operations are answered with the document, by requestId', async (t) => {
  const session = await SyncSession.open(t, server);
  const service = uniqueService();
  const created = await session.sync('create', { service, data: { status: 'active', participantCount: 0 } });
  assert.equal(created.status, 201);
  assert.match(created.document.id, /^doc_[a-z2-7]{20}$/);
  const { id } = created.document;
  assert.equal((await session.done('merge', { service, id, data: { notes: 'ok' }, expectedRevision: 1 })).revision, 2);
  const mutated = await session.done('mutate', { service, id, mutations: { participantCount: { $inc: -1 } } });
  assert.deepEqual(mutated.data, { status: 'active', participantCount: -1, notes: 'ok' });
  const conflict = await session.refused('replace', { service, id, data: {}, expectedRevision: 1 });
  assert.equal(conflict.status, 409);
  assert.match(conflict.message, /conflict/);
  assert.deepEqual(conflict.details, { service, id, expectedRevision: 1, currentRevision: 3 });
  assert.deepEqual(await session.done('delete', { service, id }), { service, id, revision: 4, deleted: true });
  assert.equal((await session.refused('get', { service, id })).code, 'NOT_FOUND');
});

test('several frames in one message are answered one by one', async (t) => {
  const session = await SyncSession.open(t, server);
  const service = uniqueService();
  session.say([
    { type: 'sync', requestId: 'a', op: 'create', service, id: '1', data: {} },
    { type: 'nonsense', ref: 'b' },
    { type: 'sync', requestId: 'c', op: 'merge', service, id: '1', data: { x: 1 } },
  ]);
  assert.equal((await session.expect({ requestId: 'a' })).status, 201);
  assert.equal((await session.expect({ ref: 'b' })).code, 'INVALID_ARGUMENT');
  assert.equal((await session.expect({ requestId: 'c' })).document.revision, 2);
});

test('subscribers see changes, each in its return mode, until they unsubscribe', async (t) => {
  const [writer, reader] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const service = uniqueService();
  const full = await reader.subscribe(`sync.${service}.updated`);
  const diff = await reader.subscribe(`sync.${service}.updated`, { returnMode: 'diff' });
  const created = await reader.subscribe(`sync.${service}.created`);
  assert.deepEqual([full.type, full.subscriptionId, diff.subscriptionId], ['subscribed', 's1', 's2']);
  await writer.done('create', { service, id: 'a', data: { x: 1 } });
  const frames = [await reader.expect({ type: 'event' }), await reader.expect({ type: 'event' })];
  assert.deepEqual(frames.map((frame) => frame.subscriptionIds).sort(), [['s1', 's3'], ['s2']]);
  reader.say({ type: 'unsubscribe', subscriptionId: full.subscriptionId });
  await reader.expect({ type: 'unsubscribed', subscriptionId: 's1' });
  reader.say({ type: 'unsubscribe', subscriptionId: created.subscriptionId });
  await reader.expect({ type: 'unsubscribed', subscriptionId: 's3' });
  await writer.done('merge', { service, id: 'a', data: { x: 2 } });
  const event = await reader.event();
  assert.deepEqual(event.payload.diff, { added: {}, removed: {}, changed: { x: { from: 1, to: 2 } } });
  assert.equal(event.payload.data, undefined);
  await reader.settled();
  assert.deepEqual(reader.frames, []);
});

test('hostile frames are answered with their codes, and the socket stays', async (t) => {
  const session = await SyncSession.open(t, server);
  const service = uniqueService();
  const create = (data) => `{"type":"sync","requestId":"r","op":"create","service":"${service}","id":"h","data":${data}}`;
  const mutate = (mutations) => ({ type: 'sync', requestId: 'r', op: 'mutate', service, id: 'm', mutations });
  await session.done('create', { service, id: 'm', data: {} });
  for (const [frame, code] of [
    ['{"type":', 'INVALID_JSON'],
    [create('{"a":1,"a":2}'), 'INVALID_JSON'],
    [create('{"a":"\\ud800"}'), 'INVALID_JSON'],
    [create('{"__proto__":{}}'), 'FORBIDDEN_KEY'],
    [create('{"a":1e400}'), 'NUMBER_OUT_OF_RANGE'],
    [create('{"a":' + '['.repeat(10_000) + ']'.repeat(10_000) + '}'), 'TOO_DEEP'],
    [create(`{"a":"${'x'.repeat((1 << 20) + 10)}"}`), 'DOCUMENT_TOO_LARGE'],
    [mutate(Array.from({ length: 10_000 }, () => ({ op: 'set', path: '/a', value: 1 }))), 'TOO_MANY_OPS'],
    [mutate({ a: 1, 'a.b': 2 }), 'PATH_CONFLICT'],
    [mutate({ a: { $incr: 1 } }), 'UNKNOWN_OPERATOR'],
    [mutate({ '__proto__.x': 1 }), 'FORBIDDEN_KEY'],
    [Buffer.from([1, 2, 3]), 'INVALID_JSON'],
  ]) {
    session.say(frame);
    assert.equal((await session.expect({ type: 'error' })).code, code, String(frame).slice(0, 100));
  }
  await session.settled();
});

test('a message that is larger than any document ends the connection, and nobody else\'s', async (t) => {
  const [large, steady] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  large.say('x'.repeat(100 << 20));
  assert.equal(await large.end(), 1009);
  await steady.settled();
});

test('a snapshot comes first, then what happens, and a pong behind both', async (t) => {
  const [writer, reader] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const service = uniqueService();
  for (let i = 0; i < 5; i++) await writer.done('create', { service, id: `d${i}`, data: { even: i % 2 === 0 } });
  const acknowledged = await reader.subscribe(`sync.${service}.updated`, { filter: { even: true }, snapshot: true });
  assert.equal(acknowledged.position.length > 0, true);
  await reader.settled();
  assert.deepEqual(reader.frames.map((frame) => told(frame.data)), ['snapshot 1 d0', 'snapshot 1 d2', 'snapshot 1 d4']);
  reader.frames = [];
  await writer.done('merge', { service, id: 'd0', data: { even: false } });
  const event = await reader.event();
  assert.equal(told(event), 'merge 2 d0');
  assert.equal(event.metadata.match, 'left');
});
