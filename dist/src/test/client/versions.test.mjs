// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Versions over the lives of a record. A deletion keeps the count: the next life goes on from there. (The original
// starts again at 0, which makes clients that were away write the old life's data back.)
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, rejection, unique, until, untilEqual } from './clients.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('a first life: opened at 0, the first write is version 1', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  assert.equal(await b.record.head(name), -1);
  const record = await open(a, name);
  assert.equal(record.version, 0);
  assert.equal(await b.record.head(name), 0);
  await record.setWithAck('n', 1);
  assert.equal(record.version, 1);
  assert.equal(await b.record.head(name), 1);
});

test('opening changes no version, however often', async (t) => {
  const clients = await connectAll(t, server, 4);
  const name = unique();
  const records = await Promise.all(clients.map((each) => open(each, name)));
  assert.deepEqual(records.map((record) => record.version), [0, 0, 0, 0]);
  await records[0].setWithAck('n', 1);
  const late = await open(await connect(t, server), name);
  assert.equal(late.version, 1);
});

test('deleted: head is -1, has is false, snapshot finds nothing', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck('n', 1);
  await record.delete();
  assert.equal(await b.record.head(name), -1);
  assert.equal(await b.record.has(name), false);
  assert.equal(await rejection(b.record.snapshot(name)), 'RECORD_NOT_FOUND');
});

test('the next life goes on: written 3 times, deleted is 4, the next write is 5 [own rule]', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  for (let n = 1; n <= 3; n++) await record.setWithAck({ n });
  await record.delete();
  const again = await open(a, name);
  assert.deepEqual(json(again.get()), {});
  assert.equal(again.version, 4);
  assert.equal(await b.record.head(name), 4, 'opened, the record is there at the version of the deletion');
  await again.setWithAck({ life: 2 });
  assert.equal(again.version, 5);
  assert.equal(await b.record.head(name), 5);
  const theirs = await open(b, name);
  assert.equal(theirs.version, 5);
});

test('setData on a deleted record creates it one above the deletion [own rule]', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ n: 1 });
  await record.delete();
  await b.record.setDataWithAck(name, 'life', 2);
  assert.deepEqual(json(await b.record.snapshot(name)), { life: 2 }, 'nothing of the old life is in it');
  assert.equal(await b.record.head(name), 3);
});

test('a record that was only opened and then deleted', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  await record.delete();
  assert.equal(await b.record.has(name), false);
  const again = await open(b, name);
  assert.deepEqual(json(again.get()), {});
  await again.setWithAck('n', 1);
  assert.deepEqual(json(await a.record.snapshot(name)), { n: 1 });
});

test('many lives, the version only ever goes up [own rule]', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  let last = -1;
  for (let life = 1; life <= 6; life++) {
    const record = await open(a, name);
    assert.ok(record.version > last, `life ${life} begins at ${record.version}, after ${last}`);
    for (let n = 0; n < life; n++) await record.setWithAck({ life, n });
    assert.equal(await b.record.head(name), record.version);
    last = record.version;
    await record.delete();
  }
});

test('a record created offline, on a name that was deleted: accepted, and its writer is told the real version [own rule]', async (t) => {
  const [raw, other] = await Promise.all([Session.login(t, server), Session.login(t, server)]);
  const name = unique();
  await raw.set(name, { life: 1 });
  await raw.set(name, { life: 1, n: 2 });
  await raw.remove(name);
  // What the client does on coming back with a record it made while away: look, then create at version 1.
  raw.record(RECORD.SUBSCRIBEANDHEAD, { names: [name], correlationId: 'c1' });
  await raw.find((m) => m.isAck && m.correlationId === 'c1');
  await raw.find((m) => m.versions?.[name] === -1 || (m.action === RECORD.HEAD_RESPONSE && m.version === -1), 'version -1');
  raw.record(RECORD.CREATEANDUPDATE, { name, version: 1, value: { made: 'offline' } });
  const told = await raw.findRecord(RECORD.UPDATE, { name });
  assert.deepEqual([told.version, told.data], [4, { made: 'offline' }]);
  assert.deepEqual(await other.snapshot(name), { version: 4, data: { made: 'offline' } });
});

test('a record created offline on a name that never was: version 1, and nothing to tell', async (t) => {
  const raw = await Session.login(t, server);
  const name = unique();
  raw.record(RECORD.CREATEANDUPDATE, { name, version: 1, value: { made: 'offline' } });
  await until(async () => (await raw.head(name)) === 1, 'the write nobody acknowledges');
  assert.deepEqual(raw.inbox, []);
});

test('a record created offline on a name that somebody else has written meanwhile is a conflict', async (t) => {
  const [raw, other] = await Promise.all([Session.login(t, server), Session.login(t, server)]);
  const name = unique();
  await other.set(name, { theirs: true });
  raw.record(RECORD.CREATEANDUPDATE, { name, version: 1, value: { made: 'offline' } });
  const reply = await raw.findRecord(RECORD.VERSION_EXISTS, { name });
  assert.deepEqual([reply.version, reply.data], [1, { theirs: true }]);
  assert.deepEqual(await other.snapshot(name), { version: 1, data: { theirs: true } });
});

test('watchers of a deleted record are not subscribed to its next life', async (t) => {
  const [raw, watcher] = await Promise.all([Session.login(t, server), Session.login(t, server)]);
  const name = unique();
  await raw.set(name, { life: 1 });
  await watcher.subscribe(name);
  await raw.remove(name);
  await watcher.expectRecord(RECORD.DELETED, { name });
  await raw.set(name, { life: 2 });
  await watcher.silent();
});

test('lists too: deleted and made again, the count goes on [own rule]', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const list = await a.record.getList(name).whenReady();
  await list.setEntriesWithAck(['x']);
  await list.delete();
  const again = await a.record.getList(name).whenReady();
  assert.deepEqual(json(again.getEntries()), []);
  assert.equal(again.version, 2);
  const theirs = await b.record.getList(name).whenReady();
  again.setEntries(['y']);
  await untilEqual(() => json(theirs.getEntries()), ['y']);
  await until(() => theirs.version === 3);
});
