// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a client finds when it comes back: after a cut connection, and after a restart of the server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, json, open, recorder, rejection, settled, unique, until, untilEqual, within } from './clients.mjs';
import { Server, relay, serverForThisFile } from './server.mjs';

// Listeners here always answer, however slow the machine.
const PATIENT = { deepstream: { listen: { responseTimeout: '60s' } } };
const server = await serverForThisFile(PATIENT);
const LOST = ['CONNECTION_ERROR'];

/// A client behind a relay that can be cut, and a second one that is always there.
async function away(t, options) {
  const line = await relay(t, server);
  const a = client(t, line.url, { expecting: LOST, ...options });
  await within(a.login(), 'the login');
  const b = await connect(t, server);
  return {
    a, b,
    cut: async () => {
      line.cut();
      await until(() => a.getConnectionState() === 'RECONNECTING', 'the client to notice');
    },
    heal: async () => {
      line.heal();
      await until(() => a.getConnectionState() === 'OPEN', 'the client to be back');
    },
  };
}

/// Waits until the open record equals what the server has.
async function current(record, made, name) {
  await until(async () => {
    const [data, version] = await Promise.all([made.record.snapshot(name), made.record.head(name)]);
    return JSON.stringify(sorted(record.get())) === JSON.stringify(sorted(data)) && record.version === version;
  }, 'the record to equal what the server has');
}
const sorted = (value) =>
  Array.isArray(value) ? value.map(sorted)
    : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;

const WRITES = {
  'one path': (b, name) => b.record.setDataWithAck(name, 'n', 'changed'),
  'a deep path': (b, name) => b.record.setDataWithAck(name, 'pets[1].fur.color', 'red'),
  'an erased path': (b, name) => b.record.setDataWithAck(name, 'gone', undefined),
  'the whole record': (b, name) => b.record.setDataWithAck(name, { whole: true }),
  'the whole record to {}': (b, name) => b.record.setDataWithAck(name, {}),
  'an array': (b, name) => b.record.setDataWithAck(name, ['x', 'y']),
  'the same data again': (b, name) => b.record.setDataWithAck(name, { n: 1, gone: true }),
};

for (const [what, write] of Object.entries(WRITES)) {
  for (const times of [1, 2, 3]) {
    test(`written while away: ${what}, ${times} time(s)`, async (t) => {
      const { a, b, cut, heal } = await away(t);
      const name = unique();
      await b.record.setDataWithAck(name, { n: 1, gone: true });
      const record = await open(a, name);
      const version = record.version;
      await cut();
      for (let time = 0; time < times; time++) await write(b, name);
      await heal();
      await current(record, b, name);
      assert.equal(record.version, version + times);
      await b.record.setDataWithAck(name, { after: 'it goes on' });
      await untilEqual(() => json(record.get()), { after: 'it goes on' });
      record.set('mine', 1);
      await untilEqual(async () => json(await b.record.snapshot(name)), { after: 'it goes on', mine: 1 });
    });
  }
}

test('every mixture of writes while away', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  const seen = recorder();
  record.subscribe((data) => seen(json(data)));
  for (let round = 0; round < 3; round++) {
    await cut();
    for (const write of Object.values(WRITES)) await write(b, name);
    await heal();
    await current(record, b, name);
    assert.deepEqual(seen.calls.at(-1), json(await b.record.snapshot(name)), 'subscribers were called with it');
  }
});

test('nothing was written while away', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ n: 1 });
  await cut();
  await heal();
  await current(record, b, name);
  await b.record.setDataWithAck(name, 'n', 2);
  await untilEqual(() => json(record.get()), { n: 2 });
});

test('written without a pause while the connection comes back', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  await cut();
  let going = true;
  let n = 0;
  const writing = (async () => {
    while (going) await b.record.setDataWithAck(name, 'n', ++n);
  })();
  await heal();
  await until(() => n > 200, 'some more writes');
  going = false;
  await writing;
  await current(record, b, name);
  assert.equal(record.get('n'), n);
});

test('many records, all current after coming back', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const names = Array.from({ length: 60 }, () => unique());
  const records = await Promise.all(names.map((name) => open(a, name)));
  await cut();
  await Promise.all(names.map((name, n) => (n % 2 ? b.record.setDataWithAck(name, { n }) : undefined)));
  await heal();
  for (let n = 0; n < names.length; n++) await current(records[n], b, names[n]);
});

test('a list written while away', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const list = await a.record.getList(name).whenReady();
  await list.setEntriesWithAck(['x', 'y']);
  await cut();
  await b.record.setDataWithAck(name, ['y', 'z', 'x']);
  await b.record.setDataWithAck(name, ['z']);
  await heal();
  await untilEqual(() => json(list.getEntries()), ['z']);
  list.addEntry('w');
  await untilEqual(async () => json(await b.record.snapshot(name)), ['z', 'w']);
});

test('deleted while away: the record emits delete', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ n: 1 });
  await record.setWithAck({ n: 2 });
  const deleted = within(new Promise((resolve) => record.on('delete', resolve)), 'delete');
  await cut();
  await (await open(b, name)).delete();
  await heal();
  await deleted;
  await settled(a);
  assert.equal(await b.record.has(name), false, 'and nobody wrote it back');
});

// The original starts a new life at version 0; a client that was away with exactly one version more then writes its old
// data over the new. With the count continued it cannot happen, whatever the number of writes.
for (const before of [1, 2, 3, 4]) {
  for (const since of [0, 1, 2, 3, 4]) {
    test(`deleted and created again while away, ${before} write(s) before and ${since} since [own rule]`, async (t) => {
      const { a, b, cut, heal } = await away(t);
      const name = unique();
      const record = await open(a, name);
      for (let n = 1; n <= before; n++) await record.setWithAck({ life: 'old', n });
      await cut();
      await (await open(b, name)).delete();
      const again = await open(b, name);
      for (let n = 1; n <= since; n++) await again.setWithAck({ life: 'new', n });
      const expected = since === 0 ? {} : { life: 'new', n: since };
      await heal();
      await untilEqual(() => json(record.get()), expected, 'the client that was away takes the new life');
      await settled(a);
      assert.deepEqual(json(again.get()), expected, 'the new life is not overwritten');
      const c = await connect(t, server);
      assert.deepEqual(json(await c.record.snapshot(name)), expected);
      assert.equal(record.version, again.version);
    });
  }
}

test('subscriptions resume', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  const seen = recorder();
  record.subscribe('n', seen);
  for (let round = 1; round <= 3; round++) {
    await cut();
    await heal();
    await settled(a);
    await b.record.setDataWithAck(name, 'n', round);
    await untilEqual(() => record.get('n'), round);
  }
  // The client may call again with the same value when it has merged.
  assert.deepEqual(seen.calls.filter((n, index) => n !== seen.calls[index - 1]), [1, 2, 3]);
});

test('listeners resume: onStop is called on loss, the pattern is registered again', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const prefix = unique('settings');
  const told = { matches: [], stops: [] };
  a.record.listen(`^${prefix}/`, (match, response) => {
    told.matches.push(match);
    response.onStop((stopped) => told.stops.push(stopped));
    response.accept();
  });
  const record = await open(b, `${prefix}/x`);
  await until(() => record.hasProvider);
  await cut();
  await untilEqual(() => told.stops, [`${prefix}/x`]);
  await until(() => !record.hasProvider);
  await heal();
  await untilEqual(() => told.matches, [`${prefix}/x`, `${prefix}/x`]);
  await until(() => record.hasProvider);
});

test('hasProvider is right again after coming back', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const prefix = unique('settings');
  b.record.listen(`^${prefix}/`, (match, response) => response.accept());
  await settled(b);
  const record = await open(a, `${prefix}/x`);
  await until(() => record.hasProvider);
  await cut();
  await heal();
  await until(() => record.hasProvider);
  await b.record.setDataWithAck(`${prefix}/x`, 'n', 1);
  await untilEqual(() => record.get('n'), 1);
});

test('a record requested while the connection is away is loaded when it is back', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  await b.record.setDataWithAck(name, { n: 1 });
  await cut();
  const record = a.record.getRecord(name);
  await heal();
  await untilEqual(() => json(record.get()), { n: 1 });
});

test('what was pending when the connection fell fails with client offline', async (t) => {
  const { a, cut, heal } = await away(t, { offlineBufferTimeout: 50 });
  const name = unique();
  const record = await open(a, name);
  const write = rejection(record.setWithAck('n', 1));
  await cut();
  // Acknowledged just before the cut, or not at all: it never stays undecided.
  const outcome = await within(write.catch(() => 'acknowledged'), 'the outcome of the write');
  assert.ok(['client offline', 'acknowledged'].includes(outcome));
  await until(async () => (await rejection(a.record.snapshot(unique())).catch(() => '')) === 'client offline');
  await heal();
});

// The client itself drops a write made after the connection fell when remote wins, so nothing more can be promised.
test('a write made offline: client and server agree afterwards', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ n: 1 });
  await cut();
  record.set('offline', true);
  await heal();
  await settled(a);
  await b.record.setDataWithAck(name, 'm', 2);
  await current(record, b, name);
  assert.equal(record.get('n'), 1);
  assert.equal(record.get('m'), 2);
});

test('a record created offline is there for everybody afterwards', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  await cut();
  const record = a.record.getRecord(name);
  await record.whenReady();
  record.set({ made: 'offline' });
  await heal();
  await untilEqual(async () => (await b.record.has(name)) && json(await b.record.snapshot(name)), { made: 'offline' });
  await b.record.setDataWithAck(name, 'n', 1);
  await untilEqual(() => json(record.get()), { made: 'offline', n: 1 });
});

test('acknowledged writes of others are never lost to a client that comes back', async (t) => {
  const { a, b, cut, heal } = await away(t);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ base: true });
  await cut();
  record.set('offline', 1);
  await b.record.setDataWithAck(name, 'theirs', 1);
  await b.record.setDataWithAck(name, 'theirs', 2);
  await heal();
  await current(record, b, name);
  assert.equal((await b.record.snapshot(name)).theirs, 2);
});

test('after a restart of the server: data, versions, subscriptions and listeners are there', async (t) => {
  const own = await new Server(PATIENT).start();
  t.after(() => own.dispose());
  const [a, b] = [await connect(t, own, { expecting: LOST }), await connect(t, own, { expecting: LOST })];
  const name = unique('driver');
  const list = unique('albums');
  const prefix = unique('settings');
  const record = await open(a, name);
  await record.setWithAck({ pets: [{ fur: { color: 'grey' } }], n: 1 });
  await record.setWithAck('n', 2);
  const entries = await a.record.getList(list).whenReady();
  await entries.setEntriesWithAck(['x', 'y']);
  const opened = unique();
  await open(b, opened);
  const gone = await open(b, unique());
  await gone.setWithAck({ n: 1 });
  await gone.delete();
  const matches = [];
  b.record.listen(`^${prefix}/`, (match, response) => {
    matches.push(match);
    response.accept();
  });
  const provided = await open(a, `${prefix}/x`);
  await until(() => provided.hasProvider);

  await own.stop();
  await until(() => [a, b].every((each) => each.getConnectionState() === 'RECONNECTING'));
  await own.start();
  await until(() => [a, b].every((each) => each.getConnectionState() === 'OPEN'), 'both clients to be back');

  await current(record, b, name);
  assert.deepEqual(json(record.get()), { pets: [{ fur: { color: 'grey' } }], n: 2 });
  assert.equal(record.version, 2);
  assert.deepEqual(json(entries.getEntries()), ['x', 'y']);
  const c = await connect(t, own, { expecting: LOST });
  assert.deepEqual(json(await c.record.snapshot(list)), ['x', 'y']);
  assert.equal(await c.record.has(gone.name), false);
  assert.equal(await c.record.head(opened), 0, 'that a record was opened is kept');
  await untilEqual(() => matches, [`${prefix}/x`, `${prefix}/x`]);
  await until(() => provided.hasProvider);
  await c.record.setDataWithAck(name, 'n', 3);
  await untilEqual(() => record.get('n'), 3);
  record.set('m', 1);
  await untilEqual(async () => (await c.record.snapshot(name)).m, 1);
  await c.record.setDataWithAck(list, ['z']);
  await untilEqual(() => json(entries.getEntries()), ['z']);
});

test('written by others between the restart and the client\'s return', async (t) => {
  const own = await new Server(PATIENT).start();
  t.after(() => own.dispose());
  const line = await relay(t, own);
  const a = client(t, line.url, { expecting: LOST });
  await within(a.login(), 'the login');
  const names = Object.keys(WRITES).map(() => unique());
  const seed = await connect(t, own, { expecting: LOST });
  await Promise.all(names.map((name) => seed.record.setDataWithAck(name, { n: 1, gone: true })));
  const records = await Promise.all(names.map((name) => open(a, name)));
  line.cut();
  await own.stop();
  await own.start();
  const b = await connect(t, own, { expecting: LOST });
  await Promise.all(Object.values(WRITES).map((write, index) => write(b, names[index])));
  line.heal();
  await until(() => a.getConnectionState() === 'OPEN', 'the client to be back');
  for (let n = 0; n < names.length; n++) await current(records[n], b, names[n]);
});

test('a stopped server refuses connections, and clients say so', async (t) => {
  const own = await new Server(PATIENT).start();
  t.after(() => own.dispose());
  const a = await connect(t, own, { expecting: LOST });
  await own.stop();
  await until(() => a.errors.some((error) => error.event === 'CONNECTION_ERROR'));
});

test('deleted and created again across a restart: the count goes on [own rule]', async (t) => {
  const own = await new Server(PATIENT).start();
  t.after(() => own.dispose());
  const a = await connect(t, own, { expecting: LOST });
  const name = unique();
  const record = await open(a, name);
  for (let n = 1; n <= 3; n++) await record.setWithAck({ n });
  await record.delete();
  await own.stop();
  await own.start();
  await until(() => a.getConnectionState() === 'OPEN');
  assert.equal(await a.record.head(name), -1);
  const again = await open(a, name);
  assert.deepEqual(json(again.get()), {});
  assert.equal(again.version, 4);
});
