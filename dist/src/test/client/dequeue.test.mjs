// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Deques through the npm client: a doubly linked list inside a record, kept up with path writes and erases.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, unique, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const openDeque = (made, name) => made.record.getDq(name).whenReady();

/// A 7.0 client changes a deque in several writes, and whoever reads between two of them finds a link to nothing.
function entriesOf(deque) {
  try {
    return json(deque.getEntries());
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

test('entries set by one client are seen by another, and by who comes later', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('queue');
  const [mine, theirs] = await Promise.all([openDeque(a, name), openDeque(b, name)]);
  assert.equal(mine.isEmpty(), true);
  await mine.setEntriesWithAck(['a', 'b', 'c']);
  await untilEqual(() => entriesOf(theirs), ['a', 'b', 'c']);
  const late = await openDeque(await connect(t, server), name);
  assert.deepEqual(json(late.getEntries()), ['a', 'b', 'c']);
});

test('push, unshift, pop and shift at both ends', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('queue');
  const [mine, theirs] = await Promise.all([openDeque(a, name), openDeque(b, name)]);
  // All writes of one step are in before the next step, or two clients would write at the same time.
  const bothHave = async (entries) => {
    await untilEqual(() => mine.version - theirs.version, 0);
    for (const deque of [mine, theirs]) await untilEqual(() => entriesOf(deque), entries);
  };
  await mine.setEntriesWithAck(['b', 'c']);
  await bothHave(['b', 'c']);
  mine.push('d');
  await bothHave(['b', 'c', 'd']);
  theirs.unshift('a');
  await bothHave(['a', 'b', 'c', 'd']);
  mine.pop();
  await bothHave(['a', 'b', 'c']);
  theirs.shift();
  await bothHave(['b', 'c']);
  assert.deepEqual([mine.getFirst(), mine.getLast()], ['b', 'c']);
});
