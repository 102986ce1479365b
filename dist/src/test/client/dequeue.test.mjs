// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Deques through the npm client: a doubly linked list inside a record, kept up with path writes and erases.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, unique, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const openDeque = (made, name) => made.record.getDq(name).whenReady();

test('entries set by one client are seen by another, and by who comes later', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('queue');
  const [mine, theirs] = await Promise.all([openDeque(a, name), openDeque(b, name)]);
  assert.equal(mine.isEmpty(), true);
  await mine.setEntriesWithAck(['a', 'b', 'c']);
  await untilEqual(() => json(theirs.getEntries()), ['a', 'b', 'c']);
  const late = await openDeque(await connect(t, server), name);
  assert.deepEqual(json(late.getEntries()), ['a', 'b', 'c']);
});

test('push, unshift, pop and shift at both ends', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('queue');
  const [mine, theirs] = await Promise.all([openDeque(a, name), openDeque(b, name)]);
  await mine.setEntriesWithAck(['b', 'c']);
  await untilEqual(() => json(theirs.getEntries()), ['b', 'c']);
  mine.push('d');
  await untilEqual(() => json(theirs.getEntries()), ['b', 'c', 'd']);
  theirs.unshift('a');
  await untilEqual(() => json(mine.getEntries()), ['a', 'b', 'c', 'd']);
  mine.pop();
  await untilEqual(() => json(theirs.getEntries()), ['a', 'b', 'c']);
  theirs.shift();
  await untilEqual(() => json(mine.getEntries()), ['b', 'c']);
  assert.deepEqual([mine.getFirst(), mine.getLast()], ['b', 'c']);
});
