// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Clients of different versions side by side. Sessions that announce 7.1 or later know PATCH_MULTI, earlier ones do
// not. The side of 7.1 is spoken by hand: [7.1] marks what neither an npm client nor the original server of the 7.0
// line can do.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, json, open, unique, until, untilEqual } from './clients.mjs';
import { applied } from './path.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('7.0.5 and 7.0.4 share a record', async (t) => {
  const [a, b] = [await connect(t, server, { sdk: '7.0.5' }), await connect(t, server, { sdk: '7.0.4' })];
  const name = unique();
  const [mine, theirs] = await Promise.all([open(a, name), open(b, name)]);
  mine.set('pets[1].fur.color', 'red');
  await untilEqual(() => json(theirs.get()), { pets: [null, { fur: { color: 'red' } }] });
  theirs.set({ n: 1 });
  await untilEqual(() => json(mine.get()), { n: 1 });
  theirs.erase('n');
  await untilEqual(() => json(mine.get()), {});
  await mine.delete();
  await until(() => !b.record.names().includes(name));
});

const multi = (...ops) => ops.map(([path, data]) => (data === undefined ? { path } : { path, data }));

test('a multi-patch of a 7.1 client reaches a 7.1 client as one, and 7.0 clients as something they know [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const modern = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const later = await Session.login(t, server, { sdkVersion: '8.0.0' });
  const old = [await connect(t, server, { sdk: '7.0.5' }), await connect(t, server, { sdk: '7.0.4' })];
  const name = unique();
  await writer.set(name, { a: { x: 1, y: 2 }, b: 1, gone: true });
  await writer.subscribe(name);
  await modern.subscribe(name);
  await later.subscribe(name);
  const records = await Promise.all(old.map((each) => open(each, name)));
  const ops = multi(['a.x', 10], ['a.y', 20], ['c.d', [1]], ['gone', undefined]);
  await writer.write(RECORD.PATCH_MULTI, { name, version: 2, value: ops });
  const expected = { a: { x: 10, y: 20 }, b: 1, c: { d: [1] } };
  for (const session of [modern, later]) {
    const frame = await session.next();
    assert.deepEqual([frame.action, frame.name, frame.version], [RECORD.PATCH_MULTI, name, 2]);
    assert.deepEqual(applied({ a: { x: 1, y: 2 }, b: 1, gone: true }, frame), expected);
    await session.silent();
  }
  for (const record of records) {
    await untilEqual(() => json(record.get()), expected);
    assert.equal(record.version, 2);
  }
  assert.deepEqual(await modern.snapshot(name), { version: 2, data: expected });
  await writer.silent('the writer is not told of its own write');
});

test('path callbacks of a 7.0 client are called for what a multi-patch changed, and only for that [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const old = await connect(t, server);
  const name = unique();
  await writer.set(name, { a: { x: 1, y: 1 }, b: 1 });
  const record = await open(old, name);
  const calls = [];
  for (const path of ['a.x', 'a.y', 'b', 'c']) record.subscribe(path, (value) => calls.push([path, json(value)]));
  await writer.write(RECORD.PATCH_MULTI, { name, version: 2, value: multi(['a.x', 2], ['c', {}]) });
  await untilEqual(() => [...calls].sort(), [['a.x', 2], ['c', {}]]);
});

test('a multi-patch is all or nothing [7.1]', async (t) => {
  const [writer, watcher] = [
    await Session.login(t, server, { sdkVersion: '7.1.0' }), await Session.login(t, server, { sdkVersion: '7.1.0' }),
  ];
  const name = unique();
  await writer.set(name, { n: 1 });
  await watcher.subscribe(name);
  let correlation = 0;
  for (const bad of [
    multi(['n', 2], ['__proto__.x', 1]), multi(['n', 2], ['', 1]), [], {}, 'text', null, [1], [{ data: 1 }],
    [{ path: 7, data: 1 }], [{ path: 'n', data: 2 }, null],
  ]) {
    const correlationId = `multi-${correlation++}`;
    writer.record(RECORD.PATCH_MULTI, { name, version: 2, value: bad, isWriteAck: true, correlationId });
    const reply = await writer.find((m) => m.correlationId === correlationId, JSON.stringify(bad));
    assert.deepEqual(
      [reply.action, reply.originalAction, reply.isError, reply.isWriteAck],
      [RECORD.INVALID_MESSAGE_DATA, RECORD.PATCH_MULTI, true, true], JSON.stringify(bad));
  }
  await watcher.silent();
  assert.deepEqual(await watcher.snapshot(name), { version: 1, data: { n: 1 } });
});

test('a multi-patch obeys the version rules [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const name = unique();
  await writer.set(name, { n: 1 });
  writer.record(RECORD.PATCH_MULTI, { name, version: 1, value: multi(['n', 2]) });
  const exists = await writer.findRecord(RECORD.VERSION_EXISTS, { name });
  assert.deepEqual([exists.version, exists.data, exists.originalAction], [1, { n: 1 }, RECORD.PATCH_MULTI]);
  writer.record(RECORD.PATCH_MULTI, { name, version: 9, value: multi(['n', 2]) });
  const invalid = await writer.findRecord(RECORD.INVALID_VERSION, { name });
  assert.deepEqual([invalid.version, invalid.isError], [1, true]);
  await writer.write(RECORD.PATCH_MULTI, { name, version: -1, value: multi(['n', 2], ['m', 3]) });
  assert.deepEqual(await writer.snapshot(name), { version: 2, data: { n: 2, m: 3 } });
});

test('a multi-patch creates a missing record when it is acknowledged [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const [name, other] = [unique(), unique()];
  await writer.write(RECORD.PATCH_MULTI, { name, version: -1, value: multi(['a.b', 1], ['c', 2]) });
  assert.deepEqual(await writer.snapshot(name), { version: 1, data: { a: { b: 1 }, c: 2 } });
  writer.record(RECORD.PATCH_MULTI, { name: other, version: -1, value: multi(['a', 1]) });
  await writer.findRecord(RECORD.RECORD_UPDATE_ERROR, { name: other, isError: true });
});

test('operations of a multi-patch apply in their order [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const modern = await Session.login(t, server, { sdkVersion: '7.1.0' });
  const old = await connect(t, server);
  const name = unique();
  await writer.set(name, { a: 1 });
  const record = await open(old, name);
  await modern.subscribe(name);
  await writer.write(RECORD.PATCH_MULTI, {
    name, version: -1, value: multi(['a', { b: 1 }], ['a.b', 2], ['c', 1], ['c', undefined], ['d', 1]),
  });
  await untilEqual(() => json(record.get()), { a: { b: 2 }, d: 1 });
  assert.deepEqual((await modern.snapshot(name)).data, { a: { b: 2 }, d: 1 });
});

test('a session that announces no version is served like an old one [7.1]', async (t) => {
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  for (const sdkVersion of ['', 'x', '7', '7.0', '6.9.9', '7.0.99']) {
    const old = await Session.login(t, server, { sdkVersion });
    const name = unique();
    await writer.set(name, { n: 1 });
    await old.subscribe(name);
    await writer.write(RECORD.PATCH_MULTI, { name, version: 2, value: multi(['a', 1], ['b', 2]) });
    const frame = await old.next();
    assert.deepEqual([frame.action, frame.version, frame.data], [RECORD.UPDATE, 2, { n: 1, a: 1, b: 2 }], sdkVersion);
  }
});
