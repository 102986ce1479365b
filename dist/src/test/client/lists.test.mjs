// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Lists through the npm client: arrays of record names that several clients change and observe.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, recorder, settled, unique, untilEqual, within } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const openList = (made, name) => made.record.getList(name).whenReady();
const entries = (list) => () => json(list.getEntries());

async function pair(t) {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('albums');
  const [mine, theirs] = await Promise.all([openList(a, name), openList(b, name)]);
  return { a, b, name, mine, theirs };
}

test('a new list is empty', async (t) => {
  const { mine, theirs } = await pair(t);
  assert.deepEqual(json(mine.getEntries()), []);
  assert.equal(mine.isEmpty(), true);
  assert.equal(theirs.isEmpty(), true);
});

test('setEntries is seen by everybody, and by who opens the list later', async (t) => {
  const { name, mine, theirs } = await pair(t);
  mine.setEntries(['album/i9l0z34v', 'album/i9l0z3v4', 'album/i9l0z4d8']);
  await untilEqual(entries(theirs), ['album/i9l0z34v', 'album/i9l0z3v4', 'album/i9l0z4d8']);
  const late = await openList(await connect(t, server), name);
  assert.deepEqual(json(late.getEntries()), ['album/i9l0z34v', 'album/i9l0z3v4', 'album/i9l0z4d8']);
  assert.equal(late.isEmpty(), false);
});

test('addEntry at the end and at an index', async (t) => {
  const { mine, theirs } = await pair(t);
  mine.addEntry('b');
  mine.addEntry('d');
  mine.addEntry('a', 0);
  mine.addEntry('c', 2);
  await untilEqual(entries(theirs), ['a', 'b', 'c', 'd']);
  assert.throws(() => mine.addEntry('x', 17), /Index/);
  assert.throws(() => mine.addEntry(17), /Entry/);
});

test('removeEntry by value, and one of several by index', async (t) => {
  const { mine, theirs } = await pair(t);
  mine.setEntries(['a', 'b', 'a', 'c']);
  mine.removeEntry('a', 2);
  await untilEqual(entries(theirs), ['a', 'b', 'c']);
  theirs.removeEntry('b');
  await untilEqual(entries(mine), ['a', 'c']);
});

test('order is kept, duplicates too', async (t) => {
  const { mine, theirs } = await pair(t);
  const order = ['z', 'a', 'z', 'ü/ñ 日本', 'a', '', '0', '10', '9'];
  mine.setEntries(order);
  await untilEqual(entries(theirs), order);
  theirs.setEntries([...order].reverse());
  await untilEqual(entries(mine), [...order].reverse());
});

test('subscribe is called with the entries on every change', async (t) => {
  const { mine, theirs } = await pair(t);
  const seen = recorder();
  const callback = (value) => seen(json(value));
  theirs.subscribe(callback);
  mine.addEntry('a');
  mine.addEntry('b');
  mine.removeEntry('a');
  await untilEqual(() => seen.calls, [['a'], ['a', 'b'], ['b']]);
});

test('entry-added, entry-removed and entry-moved tell what changed and where', async (t) => {
  const { mine, theirs } = await pair(t);
  const seen = recorder();
  for (const event of ['entry-added', 'entry-removed', 'entry-moved']) {
    theirs.on(event, (entry, position) => seen([event, entry, position]));
  }
  mine.setEntries(['a', 'b', 'c']);
  await untilEqual(() => seen.calls, [['entry-added', 'a', 0], ['entry-added', 'b', 1], ['entry-added', 'c', 2]]);
  mine.addEntry('d', 3);
  await untilEqual(() => seen.calls.slice(3), [['entry-added', 'd', 3]]);
  mine.removeEntry('d');
  await untilEqual(() => seen.calls.slice(4), [['entry-removed', 'd', 3]]);
  mine.setEntries(['b', 'a', 'c']);
  await untilEqual(() => seen.calls.slice(5), [['entry-moved', 'b', 0], ['entry-moved', 'a', 1]]);
});

test('the client that changes a list gets the entry events as well', async (t) => {
  const { mine } = await pair(t);
  const seen = recorder();
  mine.on('entry-added', (entry, position) => seen([entry, position]));
  mine.addEntry('a');
  mine.addEntry('b', 0);
  assert.deepEqual(seen.calls, [['a', 0], ['b', 0]]);
});

test('acknowledged list writes', async (t) => {
  const { a, b, name, mine } = await pair(t);
  await mine.setEntriesWithAck(['a']);
  const acks = recorder();
  mine.addEntry('b', undefined, acks);
  mine.removeEntry('a', undefined, acks);
  mine.setEntries(['c'], acks);
  await untilEqual(() => acks.calls, [[null, name], [null, name], [null, name]]);
  assert.deepEqual(json(await b.record.snapshot(name)), ['c']);
  assert.equal(await b.record.head(name), 4);
  assert.deepEqual(a.errors, []);
});

test('an emptied list is empty for everybody', async (t) => {
  const { b, name, mine, theirs } = await pair(t);
  mine.setEntries(['a']);
  await untilEqual(entries(theirs), ['a']);
  await mine.setEntriesWithAck([]);
  await untilEqual(entries(theirs), []);
  assert.deepEqual(json(await b.record.snapshot(name)), []);
});

test('a list as setData writes it', async (t) => {
  const { a, b, name, theirs } = await pair(t);
  const other = await connect(t, server);
  await other.record.setDataWithAck(name, ['x', 'y']);
  await untilEqual(entries(theirs), ['x', 'y']);
  await other.record.setDataWithAck(name, ['y']);
  await untilEqual(entries(theirs), ['y']);
  await settled(a, b);
});

test('two clients change a list at the same time: both end with what the server has', async (t) => {
  const { name, mine, theirs } = await pair(t);
  const judge = await connect(t, server);
  for (let round = 0; round < 10; round++) {
    mine.addEntry(`a${round}`);
    theirs.addEntry(`b${round}`);
    await untilEqual(async () => {
      const truth = json(await judge.record.snapshot(name));
      const changed = Array.isArray(truth) && (truth.includes(`a${round}`) || truth.includes(`b${round}`));
      return changed && [mine, theirs].every((list) => JSON.stringify(list.getEntries()) === JSON.stringify(truth));
    }, true);
  }
});

test('deleting a list tells the others', async (t) => {
  const { b, name, mine, theirs } = await pair(t);
  await mine.setEntriesWithAck(['a']);
  const told = within(new Promise((resolve) => theirs.on('delete', resolve)), 'delete');
  await mine.delete();
  await told;
  assert.equal(await b.record.has(name), false);
  const again = await openList(b, name);
  assert.deepEqual(json(again.getEntries()), []);
});

test('discarding a list ends its updates', async (t) => {
  const { a, b, name, theirs } = await pair(t);
  const seen = recorder();
  theirs.subscribe(seen);
  const discarded = within(new Promise((resolve) => theirs.on('discard', resolve)), 'discard');
  theirs.discard();
  await discarded;
  await settled(b);
  await a.record.setDataWithAck(name, ['x']);
  await settled(b);
  assert.deepEqual(seen.calls, []);
  assert.deepEqual(b.errors, []);
});

test('a list of a thousand entries', async (t) => {
  const { mine, theirs } = await pair(t);
  const many = Array.from({ length: 1000 }, (_, n) => `album/${n}`);
  mine.setEntries(many);
  await untilEqual(entries(theirs), many);
  theirs.removeEntry('album/500');
  await untilEqual(() => mine.getEntries().length, 999);
});

test('a list of records, each of them opened', async (t) => {
  const { a, b, mine, theirs } = await pair(t);
  const names = Array.from({ length: 5 }, () => unique('album'));
  await Promise.all(names.map((name, n) => a.record.setDataWithAck(name, { title: `Album ${n}` })));
  mine.setEntries(names);
  await untilEqual(entries(theirs), names);
  const records = await Promise.all(theirs.getEntries().map((name) => b.record.getRecord(name).whenReady()));
  assert.deepEqual(records.map((record) => record.get('title')), names.map((_, n) => `Album ${n}`));
});
