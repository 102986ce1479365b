// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// One-off questions through the npm client: snapshot, has and head, which never create anything.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, rejection, settled, unique, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('snapshot gives the data, by promise and by callback', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  await a.record.setDataWithAck(name, { firstname: 'John', tags: ['a', { b: null }] });
  assert.deepEqual(json(await b.record.snapshot(name)), { firstname: 'John', tags: ['a', { b: null }] });
  const answer = recorder();
  b.record.snapshot(name, (error, data) => answer([error, json(data)]));
  await untilEqual(() => answer.calls, [[null, { firstname: 'John', tags: ['a', { b: null }] }]]);
});

test('snapshot does not subscribe', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, { n: 1 });
  await b.record.snapshot(name);
  await a.record.setDataWithAck(name, { n: 2 });
  await settled(b);
  assert.deepEqual(b.errors, [], 'an update would have been an unsolicited message');
  assert.deepEqual(b.record.names(), []);
});

test('snapshot of a record that does not exist is RECORD_NOT_FOUND and creates nothing', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  assert.equal(await rejection(a.record.snapshot(name)), 'RECORD_NOT_FOUND');
  const answer = recorder();
  a.record.snapshot(name, (error) => answer(error));
  await untilEqual(() => answer.calls, ['RECORD_NOT_FOUND']);
  assert.equal(await a.record.has(name), false);
});

test('snapshot of a record the client holds is answered at once', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const record = await open(a, name);
  record.set({ n: 1 });
  let now;
  a.record.snapshot(name, (error, data) => {
    now = [error, json(data)];
  });
  assert.deepEqual(now, [null, { n: 1 }]);
});

test('has: false, then true, by promise and by callback, creating nothing', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  assert.equal(await a.record.has(name), false);
  assert.equal(await b.record.has(name), false, 'asking did not create it');
  const answer = recorder();
  a.record.has(name, (...result) => answer(result));
  await untilEqual(() => answer.calls, [[null, false]]);
  await a.record.setDataWithAck(name, {});
  assert.equal(await b.record.has(name), true);
  b.record.has(name, (...result) => answer(result));
  await untilEqual(() => answer.calls, [[null, false], [null, true]]);
});

test('has of a record the client holds is answered at once', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  await open(a, name);
  let now;
  a.record.has(name, (error, has) => {
    now = [error, has];
  });
  assert.deepEqual(now, [null, true]);
});

test('head: the version, -1 when there is none, by promise and by callback, creating nothing', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  assert.equal(await a.record.head(name), -1);
  assert.equal(await b.record.has(name), false, 'asking did not create it');
  await a.record.setDataWithAck(name, { n: 1 });
  assert.equal(await b.record.head(name), 1);
  await a.record.setDataWithAck(name, 'n', 2);
  const answer = recorder();
  b.record.head(name, (...result) => answer(result));
  await untilEqual(() => answer.calls, [[null, 2]]);
});

test('a record that was opened but never written has version 0', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await open(a, name);
  assert.equal(await b.record.head(name), 0);
  assert.deepEqual(json(await b.record.snapshot(name)), {});
});

test('many questions at once, about the same and about different records', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const names = Array.from({ length: 50 }, () => unique());
  await Promise.all(names.map((name, n) => a.record.setDataWithAck(name, { n })));
  const answers = await Promise.all(
    names.flatMap((name) => [b.record.snapshot(name), b.record.head(name), b.record.has(name), b.record.snapshot(name)]));
  names.forEach((_, n) => {
    const [data, version, has, again] = answers.slice(n * 4, n * 4 + 4);
    assert.deepEqual([json(data), version, has, json(again)], [{ n }, 1, true, { n }]);
  });
});

test('an answer includes every write acknowledged before the question', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  for (let n = 1; n <= 30; n++) {
    await a.record.setDataWithAck(name, 'n', n);
    assert.deepEqual(json(await b.record.snapshot(name)), { n });
    assert.equal(await b.record.head(name), n);
  }
});

test('bad arguments are refused by the client itself', async (t) => {
  const a = await connect(t, server);
  for (const method of ['snapshot', 'has', 'head']) {
    assert.throws(() => a.record[method](''), /invalid argument/);
    assert.throws(() => a.record[method]('x', 'no function'), /invalid argument/);
  }
  assert.throws(() => a.record.getRecord(''), /invalid argument/);
});
