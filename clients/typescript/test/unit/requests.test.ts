// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Operations and their answers, lost connections in between.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FreshetError } from '@freshet/client';
import { client, connected, ScriptedServer } from '../scripted.js';
import { rejection, until, within } from '../waiting.js';

test('an error has what the server said of it', async (t) => {
  const { realtime, peer } = await connected(t);
  const write = rejection(realtime.sync.replace('session', 'a', { n: 1 }, 3));
  const { requestId } = await peer.next('sync');
  const details = { service: 'session', id: 'a', expectedRevision: 3, currentRevision: 5 };
  const message = 'conflict: expected revision 3, but session/a is at 5';
  peer.send({ type: 'error', requestId, status: 409, code: 'REVISION_CONFLICT', message, details });
  const error = await write;
  assert.ok(error instanceof Error && error instanceof FreshetError);
  assert.deepEqual(
    [error.name, error.status, error.code, error.message, error.details, error.requestId],
    ['FreshetError', 409, 'REVISION_CONFLICT', message, details, requestId],
  );
});

test('every 409 says conflict, whatever the server wrote', async (t) => {
  const { realtime, peer } = await connected(t);
  for (const [status, expected] of [
    [409, 'conflict: no'],
    [404, 'no'],
  ] as const) {
    const write = rejection(realtime.sync.delete('session', 'a'));
    const { requestId } = await peer.next('sync');
    peer.send({ type: 'error', requestId, status, code: 'X', message: 'no' });
    assert.equal((await write).message, expected);
  }
});

test('how long to wait is among the details', async (t) => {
  const { realtime, peer } = await connected(t);
  const write = rejection(realtime.sync.delete('session', 'a'));
  const { requestId } = await peer.next('sync');
  const refusal = { status: 429, code: 'RATE_LIMITED', message: 'slower', retryAfterMs: 250 };
  peer.send({ type: 'error', requestId, ...refusal });
  assert.deepEqual((await write).details, { retryAfterMs: 250 });
});

test('what had no answer when the connection fell is sent again, the same, in order', async (t) => {
  const { server, realtime, peer } = await connected(t);
  const writes = [1, 2, 3].map((n) => realtime.sync.merge('session', 'a', { n }));
  const sent = [await peer.next('sync'), await peer.next('sync'), await peer.next('sync')];
  peer.result(sent[1]!, { document: { revision: 2 } });
  assert.equal((await within(writes[1]!, 'its answer')).revision, 2);
  peer.cut();
  await until(() => realtime.state === 'reconnecting', 'the loss');
  writes.push(realtime.sync.merge('session', 'a', { n: 4 }));
  const next = await server.next();
  next.welcome();
  assert.deepEqual(await next.next('sync'), sent[0]);
  assert.deepEqual(await next.next('sync'), sent[2]);
  const fourth = await next.next('sync');
  assert.deepEqual(fourth['data'], { n: 4 });
  for (const [revision, request] of [sent[0]!, sent[2]!, fourth].entries()) {
    next.result(request, { document: { revision: revision + 10 } });
  }
  assert.equal((await within(writes[0]!, 'its answer')).revision, 10);
  assert.equal((await within(writes[2]!, 'its answer')).revision, 11);
  assert.equal((await within(writes[3]!, 'its answer')).revision, 12);
});

test('what brings the connection down each time is not sent for ever', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { reconnectionAttempts: Infinity });
  const write = rejection(realtime.sync.merge('session', 'a', { n: 1 }));
  for (let sends = 0; sends < 4; sends++) {
    const peer = await server.next();
    peer.welcome();
    await peer.next('sync');
    peer.cut();
  }
  assert.equal((await write).code, 'NOT_DURABLE');
  const peer = await server.next();
  peer.welcome();
  const read = realtime.sync.get('session', 'a');
  peer.result(await peer.next('sync'), { document: { id: 'a' } });
  assert.equal((await read).id, 'a');
});

test('a message the server finds too big fails alone', async (t) => {
  const { server, realtime, peer } = await connected(t);
  const small = realtime.sync.merge('session', 'a', { n: 1 });
  const large = rejection(realtime.sync.merge('session', 'b', { text: 'x'.repeat(100_000) }));
  await peer.next('sync');
  peer.close(1009);
  const error = await large;
  assert.deepEqual([error.status, error.code], [413, 'PAYLOAD_TOO_LARGE']);
  const next = await server.next();
  next.welcome();
  next.result(await next.next('sync'), { document: { revision: 1 } });
  assert.equal((await within(small, 'the small one')).revision, 1);
});

test('an operation without answer in time: a write may have been done, a read has not', async (t) => {
  const { realtime, peer } = await connected(t, { requestTimeout: 30 });
  const write = rejection(realtime.sync.merge('session', 'a', { n: 1 }));
  const read = rejection(realtime.sync.get('session', 'a'));
  const { requestId } = await peer.next('sync');
  const error = await write;
  assert.deepEqual([error.status, error.code], [503, 'NOT_DURABLE']);
  assert.equal(error.requestId, requestId);
  assert.equal((await read).code, 'UNAVAILABLE');
  // A late answer is nobody's.
  peer.send({ type: 'result', requestId, status: 200, document: {} });
  await peer.next('sync');
  const other = realtime.sync.get('session', 'b');
  peer.result(await peer.next('sync'), { document: {} });
  await other;
  const again = realtime.sync.merge('session', 'a', { n: 1 }, { requestId: String(requestId) });
  const repeated = await peer.next('sync');
  assert.equal(repeated['requestId'], requestId, 'a program may repeat it itself');
  peer.result(repeated, { document: { revision: 1 } });
  assert.equal((await again).revision, 1);
});

test('an operation that was never sent in time has not been done', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { requestTimeout: 30 });
  assert.equal((await rejection(realtime.sync.create('session', {}))).code, 'UNAVAILABLE');
});

test('so many operations may wait, and no more', async (t) => {
  const { realtime, peer } = await connected(t, { maxPending: 2 });
  const waiting = [realtime.sync.get('session', 'a'), realtime.sync.get('session', 'b')];
  const error = await rejection(realtime.sync.get('session', 'c'));
  assert.deepEqual([error.status, error.code], [503, 'OVERLOADED']);
  peer.result(await peer.next('sync'), { document: { id: 'a' } });
  await waiting[0];
  const next = realtime.sync.get('session', 'd');
  peer.result(await peer.next('sync'), { document: { id: 'b' } });
  peer.result(await peer.next('sync'), { document: { id: 'd' } });
  assert.equal((await next).id, 'd');
  await Promise.all(waiting);
});

test('request ids differ, between clients as well', async (t) => {
  const one = await connected(t);
  const other = await connected(t);
  const ids = new Set<unknown>();
  for (const { realtime, peer } of [one, other, one, other]) {
    const read = realtime.sync.get('session', 'a');
    const request = await peer.next('sync');
    ids.add(request['requestId']);
    peer.result(request, { document: {} });
    await read;
  }
  assert.equal(ids.size, 4);
});

test('a request id that is under way is not used twice', async (t) => {
  const { realtime, peer } = await connected(t);
  const first = realtime.sync.merge('session', 'a', {}, { requestId: 'mine' });
  const second = realtime.sync.merge('session', 'a', {}, { requestId: 'mine' });
  assert.equal((await rejection(second)).code, 'INVALID_ARGUMENT');
  peer.result(await peer.next('sync'), { document: { revision: 1 } });
  await first;
});

test('data is taken as it is when the call is made', async (t) => {
  const { server, realtime, peer } = await connected(t);
  const data = { n: 1 };
  const write = realtime.sync.merge('session', 'a', data);
  data.n = 2;
  assert.deepEqual((await peer.next('sync'))['data'], { n: 1 });
  peer.cut();
  const next = await server.next();
  next.welcome();
  const request = await next.next('sync');
  assert.deepEqual(request['data'], { n: 1 });
  next.result(request, { document: {} });
  await write;
});

test('data that is not JSON is refused here', async (t) => {
  const { realtime, peer } = await connected(t);
  const error = await rejection(realtime.sync.merge('session', 'a', { n: 1n }));
  assert.deepEqual([error.status, error.code], [400, 'INVALID_ARGUMENT']);
  assert.match(error.message, /BigInt/);
  assert.equal(peer.unread, 0);
});

test('exact numbers, there and back', async (t) => {
  const { realtime, peer } = await connected(t, { numbers: 'exact' });
  const read = realtime.sync.get('session', 'a');
  const { requestId } = await peer.next('sync');
  const text = '{"big":9007199254740993,"long":0.12345678901234567890123,"plain":1.5}';
  peer.sendText(
    `{"type":"result","requestId":"${requestId}","status":200,"document":{"data":${text}}}`,
  );
  const { data } = await read;
  assert.equal(data['big'], 9007199254740993n);
  assert.equal(data['plain'], 1.5);
  assert.equal(String(data['long']), '0.12345678901234567890123');
  const write = rejection(realtime.sync.replace('session', 'a', data));
  await until(() => peer.unread > 0, 'the write');
  assert.ok(peer.lastText.includes(text), peer.lastText);
  realtime.disconnect();
  await write;
});
