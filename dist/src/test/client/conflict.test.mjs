// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Two clients that write the same version: one wins, both end with the same data.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, settled, unique, until, untilEqual, within } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

// The loser's client prints a warning of its own for each conflict.
const warn = console.warn;
console.warn = (line) => (String(line).includes('VERSION_EXISTS') ? undefined : warn(line));

const REMOTE = (local, localVersion, remote, remoteVersion, callback) => callback(null, remote);
const LOCAL = (local, localVersion, remote, remoteVersion, callback) => callback(null, local);
const UNION = (local, localVersion, remote, remoteVersion, callback) => callback(null, { ...remote, ...local });

/// Two clients with the record open at the same version, and a third that asks the server.
async function contest(t, options = {}) {
  const [a, b] = await connectAll(t, server, 2, options);
  const judge = await connect(t, server);
  const name = unique();
  const [mine, theirs] = await Promise.all([open(a, name), open(b, name)]);
  const agreed = () => agreement(judge, name, [a, b], [mine, theirs]);
  return { a, b, judge, name, mine, theirs, agreed };
}

/// What all records and the server hold. Seen twice, with every answer in between: a client that has just merged may
/// still be sent the answer to its READ, and would take it over whatever it has written since.
async function agreement(judge, name, clients, records) {
  let previous;
  await until(async () => {
    await settled(...clients);
    const truth = JSON.stringify(sorted(await judge.record.snapshot(name)));
    const same = records.every((record) => JSON.stringify(sorted(record.get())) === truth);
    const twice = same && truth === previous;
    previous = same ? truth : undefined;
    return twice;
  }, 'all clients to have what the server has');
  return JSON.parse(previous);
}

const sorted = (value) =>
  Array.isArray(value) ? value.map(sorted)
    : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;

test('whole writes of the same version: one wins, both converge', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  for (let round = 1; round <= 10; round++) {
    mine.set({ by: 'a', round });
    theirs.set({ by: 'b', round });
    const data = await agreed();
    assert.equal(data.round, round);
    assert.ok(data.by === 'a' || data.by === 'b');
  }
});

test('path writes of the same version: one wins, both converge', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  for (let round = 1; round <= 10; round++) {
    mine.set('n', `a${round}`);
    theirs.set('n', `b${round}`);
    const data = await agreed();
    assert.ok(data.n === `a${round}` || data.n === `b${round}`);
  }
});

test('writes to different paths: the loser takes what the server has, since remote wins by default', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  mine.set('a', 1);
  theirs.set('b', 1);
  const data = await agreed();
  assert.equal(Object.keys(data).length, 1, 'one of the two writes was refused');
});

test('a whole write against a path write, and erases', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  mine.set({ x: { y: 1, z: 2 } });
  await agreed();
  mine.set({ x: 'whole' });
  theirs.set('x.y', 2);
  await agreed();
  mine.erase('x');
  theirs.set('x', [1, 2]);
  await agreed();
});

// Bursts from both sides at once are not here: the client goes on writing while it merges, what it writes then is
// refused as INVALID_VERSION, and it ignores that answer until the next change by somebody else.
test('a burst of writes against a single one', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 10; n++) mine.set('n', `a${round}-${n}`);
    theirs.set('m', `b${round}`);
    await agreed();
  }
  mine.set('final', 1);
  await agreed();
  theirs.set('final', 2);
  assert.equal((await agreed()).final, 2);
});

test('acknowledged writes of the same version: the winner is told, the loser is not told it won', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  const won = recorder();
  const each = [mine, theirs].map((record, index) =>
    record.set('n', index, (error) => won([index, error])));
  assert.equal(each.length, 2);
  const data = await agreed();
  await until(() => won.calls.length > 0);
  assert.deepEqual(won.calls, [[data.n, null]]);
});

test('merge strategy remote', async (t) => {
  const { mine, theirs, agreed } = await contest(t, { mergeStrategy: REMOTE });
  mine.set({ by: 'a' });
  theirs.set({ by: 'b' });
  const data = await agreed();
  assert.ok(data.by === 'a' || data.by === 'b');
});

test('merge strategy local: the loser writes its own again on top of the winner', async (t) => {
  const { judge, name, mine, theirs, agreed } = await contest(t, { mergeStrategy: LOCAL });
  mine.set({ by: 'a' });
  theirs.set({ by: 'b' });
  await until(async () => (await judge.record.head(name)) === 2, 'the second write');
  await agreed();
});

test('a custom strategy per record merges both sides', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  mine.setMergeStrategy(UNION);
  theirs.setMergeStrategy(UNION);
  mine.set({ a: 1 });
  theirs.set({ b: 2 });
  await until(async () => Object.keys(await agreed()).length === 2, 'both sides in the record');
  assert.deepEqual(await agreed(), { a: 1, b: 2 });
});

test('a custom strategy by name and by pattern', async (t) => {
  const { a, b, name, mine, theirs, agreed } = await contest(t);
  a.record.setMergeStrategy(name, UNION);
  b.record.setMergeStrategyRegExp(new RegExp(`^${name}$`), UNION);
  mine.set({ a: 1 });
  theirs.set({ b: 2 });
  await until(async () => Object.keys(await agreed()).length === 2, 'both sides in the record');
});

test('a strategy is called with both sides and their versions', async (t) => {
  const { mine, theirs, agreed } = await contest(t);
  await mine.setWithAck({ start: 1 });
  await untilEqual(() => theirs.version, 1);
  const calls = [];
  for (const record of [mine, theirs]) {
    record.setMergeStrategy((local, localVersion, remote, remoteVersion, callback) => {
      calls.push([json(local), localVersion, json(remote), remoteVersion]);
      callback(null, remote);
    });
  }
  mine.set({ by: 'a' });
  theirs.set({ by: 'b' });
  const { by } = await agreed();
  const loser = by === 'a' ? 'b' : 'a';
  assert.deepEqual(calls[0], [{ by: loser }, 2, { by }, 2]);
});

test('a strategy that gives up: the acknowledged write fails with its error', async (t) => {
  const { a, b, mine, theirs, judge, name } = await contest(t, { expecting: ['RECORD_VERSION_EXISTS', 'versionExists', undefined] });
  const errors = recorder();
  for (const record of [mine, theirs]) {
    record.setMergeStrategy((local, localVersion, remote, remoteVersion, callback) => callback('no merge', null));
    record.set('n', record === mine ? 'a' : 'b', (error) => errors(error));
  }
  await until(() => errors.calls.length === 2);
  assert.deepEqual([...errors.calls].sort(), ['no merge', null].sort());
  assert.ok(['a', 'b'].includes((await judge.record.snapshot(name)).n));
  assert.ok(a && b);
});

test('three clients race', async (t) => {
  const clients = await connectAll(t, server, 3);
  const judge = await connect(t, server);
  const name = unique();
  const records = await Promise.all(clients.map((each) => open(each, name)));
  for (let round = 1; round <= 5; round++) {
    records.forEach((record, index) => record.set('n', `${index}-${round}`));
    assert.match((await agreement(judge, name, clients, records)).n, new RegExp(`-${round}$`));
  }
});

test('a forced write (setData) against an open record: nothing is lost that was acknowledged last', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  for (let round = 1; round <= 10; round++) {
    record.set('open', round);
    await within(b.record.setDataWithAck(name, 'forced', round), 'the forced write');
    await untilEqual(() => record.get('forced'), round);
    assert.equal((await b.record.snapshot(name)).forced, round);
  }
  await untilEqual(async () => json(await b.record.snapshot(name)), json(record.get()));
});
