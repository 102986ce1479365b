// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// setData through the npm client: writing without being subscribed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, rejection, settled, unique, until, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('setData creates a record that does not exist, whole', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  a.record.setData(name, { status: 'married' });
  await until(() => b.record.has(name));
  assert.deepEqual(json(await b.record.snapshot(name)), { status: 'married' });
  assert.equal(await b.record.head(name), 1);
  assert.deepEqual(a.record.names(), [], 'and does not subscribe to it');
});

test('setData by path creates a record that does not exist', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  a.record.setData(name, 'children[1].name', 'Lisa');
  await until(() => b.record.has(name));
  assert.deepEqual(json(await b.record.snapshot(name)), { children: [null, { name: 'Lisa' }] });
  assert.equal(await b.record.head(name), 1);
});

test('setData whole replaces, by path changes only that path', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  await a.record.setDataWithAck(name, { status: 'married', son: 'Bart' });
  await a.record.setDataWithAck(name, 'status', 'single');
  assert.deepEqual(json(await b.record.snapshot(name)), { status: 'single', son: 'Bart' });
  await a.record.setDataWithAck(name, { son: 'Bart' });
  assert.deepEqual(json(await b.record.snapshot(name)), { son: 'Bart' });
  assert.equal(await b.record.head(name), 3);
});

test('every form of acknowledgement: callback last, whole and by path, and promises', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  const acks = recorder();
  a.record.setData(name, { status: 'married' }, acks);
  a.record.setData(name, 'son', 'Bart', acks);
  a.record.setDataWithAck(name, { status: 'x' }, acks);
  a.record.setDataWithAck(name, 'daughter', 'Lisa', acks);
  await untilEqual(() => acks.calls, [[null, name], [null, name], [null, name], [null, name]]);
  await a.record.setDataWithAck(name, { status: 'y' });
  await a.record.setDataWithAck(name, 'baby', 'Maggie');
  assert.deepEqual(json(await b.record.snapshot(name)), { status: 'y', baby: 'Maggie' });
  assert.equal(await b.record.head(name), 6);
});

test('setData of a path to undefined erases it, with and without acknowledgement', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, { a: 1, b: 2, c: 3 });
  await a.record.setDataWithAck(name, 'a', undefined);
  assert.deepEqual(json(await b.record.snapshot(name)), { b: 2, c: 3 });
  a.record.setData(name, 'b', undefined);
  await untilEqual(async () => json(await b.record.snapshot(name)), { c: 3 });
});

test('those who watch the record see each write with its real version', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const theirs = await open(b, name);
  const seen = recorder();
  theirs.subscribe((data) => seen([theirs.version, json(data)]));
  a.record.setData(name, { n: 1 });
  a.record.setData(name, 'm', [1]);
  a.record.setData(name, 'm[1]', 2);
  a.record.setData(name, 'n', undefined);
  await untilEqual(() => seen.calls.at(-1), [4, { m: [1, 2] }]);
  assert.deepEqual(seen.calls.map(([version]) => version), [1, 2, 3, 4]);
});

test('setData on a record the client has open goes through that record', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const seen = recorder();
  mine.subscribe((data) => seen(json(data)));
  await a.record.setDataWithAck(name, { n: 1 });
  await a.record.setDataWithAck(name, 'm', 2);
  assert.deepEqual(seen.calls, [{ n: 1 }, { n: 1, m: 2 }]);
  assert.equal(mine.version, 2);
  assert.deepEqual(json(await b.record.snapshot(name)), { n: 1, m: 2 });
});

test('setData writes arrays too', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, ['x', 'y']);
  assert.deepEqual(json(await b.record.snapshot(name)), ['x', 'y']);
});

test('writes of several clients to one record are applied one after the other, none lost', async (t) => {
  const writers = await connectAll(t, server, 4);
  const name = unique();
  const reader = await connect(t, server);
  const theirs = await open(reader, name);
  const versions = [];
  theirs.subscribe(() => versions.push(theirs.version));
  await Promise.all(
    writers.flatMap((each, w) =>
      Array.from({ length: 25 }, (_, n) => each.record.setDataWithAck(name, `w${w}.n${n}`, n))));
  await untilEqual(() => theirs.version, 100);
  assert.deepEqual(versions, Array.from({ length: 100 }, (_, n) => n + 1));
  const data = await reader.record.snapshot(name);
  for (let w = 0; w < 4; w++) assert.equal(Object.keys(data[`w${w}`]).length, 25);
});

test('a scalar without a path is refused by the client itself', async (t) => {
  const a = await connect(t, server);
  assert.throws(() => a.record.setData(unique(), 'text'), /invalid/i);
  assert.throws(() => a.record.setData(unique(), null), /invalid/i);
  assert.throws(() => a.record.setData('', {}), /invalid/i);
});

// The original reports these refusals as success: its answer lacks the error flag.
for (const path of ['__proto__.polluted', 'constructor.prototype', 'a[99999999]', '.', 'a[x]']) {
  test(`a refused write rejects the promise and reaches the callback: path ${path} [own rule]`, async (t) => {
    const [a, b] = await connectAll(t, server, 2);
    const name = unique();
    await a.record.setDataWithAck(name, { n: 1 });
    assert.equal(await rejection(a.record.setDataWithAck(name, path, 1)), 'INVALID_MESSAGE_DATA');
    const acks = recorder();
    a.record.setData(name, path, 1, acks);
    await untilEqual(() => acks.calls, [['INVALID_MESSAGE_DATA', name]]);
    assert.deepEqual(json(await b.record.snapshot(name)), { n: 1 });
    assert.equal(await b.record.head(name), 1, 'a refused write changes no version');
  });
}

test('a refused write nobody wanted acknowledged is an error event [own rule]', async (t) => {
  const [a, b] = await connectAll(t, server, 2, { expecting: ['INVALID_MESSAGE_DATA'] });
  const name = unique();
  a.record.setData(name, '__proto__.polluted', 1);
  await until(() => a.errors.some((error) => error.event === 'INVALID_MESSAGE_DATA' && error.topic === 'RECORD'));
  assert.equal(await b.record.has(name), false);
});

test('erasing a path of a record that does not exist, unacknowledged, is an error and creates nothing', async (t) => {
  const a = await connect(t, server, { expecting: ['RECORD_UPDATE_ERROR'] });
  const name = unique();
  a.record.setData(name, 'a.b', undefined);
  await until(() => a.errors.some((error) => error.event === 'RECORD_UPDATE_ERROR'));
  await settled(a);
  assert.equal(await a.record.has(name), false);
});
