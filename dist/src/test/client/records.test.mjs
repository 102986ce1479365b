// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Records through the npm client: created on the fly, set, get and subscribe, whole and by path.
// A title that ends in [own rule] marks what Freshet does on purpose in another way than the original server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, connectAll, json, open, recorder, settled, unique, until, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('a record that does not exist is created on the fly with {}', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  assert.equal(await a.record.has(name), false);
  const record = await open(a, name);
  assert.deepEqual(json(record.get()), {});
  assert.equal(record.version, 0);
  assert.equal(record.name, name);
  const b = await connect(t, server);
  assert.equal(await b.record.has(name), true);
  assert.deepEqual(json(await b.record.snapshot(name)), {});
});

test('a record that exists is retrieved', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, { firstname: 'Homer', pets: [{ fur: { color: 'grey' } }] });
  const record = await open(b, name);
  assert.deepEqual(json(record.get()), { firstname: 'Homer', pets: [{ fur: { color: 'grey' } }] });
  assert.equal(record.version, 1);
});

test('a record already loaded is the same one: set on one handle, seen on the other', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const first = await open(a, name);
  const second = a.record.getRecord(name);
  assert.equal(second.isReady, true);
  assert.equal(second.record ?? second, first.record ?? second);
  first.set('n', 1);
  assert.equal(second.get('n'), 1);
  assert.deepEqual(a.record.names().filter((one) => one === name), [name]);
});

test('set and get, whole record', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  mine.set({ personal: { firstname: 'Marge', age: 34 }, tags: ['blue', 'hair'], nothing: null, yes: true, pi: 3.25 });
  await untilEqual(() => json(theirs.get()), {
    personal: { firstname: 'Marge', age: 34 }, tags: ['blue', 'hair'], nothing: null, yes: true, pi: 3.25,
  });
  mine.set({ only: 'this' });
  await untilEqual(() => json(theirs.get()), { only: 'this' }, 'a whole write replaces everything');
  assert.equal(theirs.version, 2);
});

test('set and get by path, the path created on the fly', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  mine.set('pets[1].fur.color', 'red');
  assert.equal(mine.get('pets[1].fur.color'), 'red');
  await untilEqual(() => theirs.get('pets[1].fur.color'), 'red');
  assert.deepEqual(json(theirs.get()), { pets: [null, { fur: { color: 'red' } }] });
  mine.set('pets[0]', { name: 'Ruffles' });
  await untilEqual(() => json(theirs.get('pets')), [{ name: 'Ruffles' }, { fur: { color: 'red' } }]);
  mine.set('pets[1].fur.length', 3);
  await untilEqual(() => json(theirs.get('pets[1].fur')), { color: 'red', length: 3 });
  assert.equal(theirs.get('no.such.path'), undefined);
  assert.deepEqual(json(await b.record.snapshot(name)), json(mine.get()));
});

test('set by path over a scalar replaces it by what the path needs', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  mine.set({ scalar: 1, text: 'one' });
  await mine.setWithAck('scalar.inner', 'x');
  await mine.setWithAck('text[1]', 'y');
  assert.deepEqual(json(await b.record.snapshot(name)), { scalar: { inner: 'x' }, text: [null, 'y'] });
});

test('set with undefined and erase remove a path on every client', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  mine.set({ a: { b: 1, c: 2 }, d: 3, e: 4 });
  mine.set('a.b', undefined);
  mine.erase('d');
  await mine.eraseWithAck('e');
  await untilEqual(() => json(theirs.get()), { a: { c: 2 } });
  assert.deepEqual(json(await b.record.snapshot(name)), { a: { c: 2 } });
  assert.throws(() => mine.erase(''));
});

test('setting null stores null, which is not the same as erasing', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  mine.set({ a: 1 });
  mine.set('a', null);
  await untilEqual(() => theirs.get('a'), null);
  assert.deepEqual(json(theirs.get()), { a: null });
});

test('subscribe to the whole record: called for every change, by anybody', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  const seen = recorder();
  theirs.subscribe((data) => seen(json(data)));
  mine.set({ n: 1 });
  mine.set('m', 2);
  await untilEqual(() => seen.calls, [{ n: 1 }, { n: 1, m: 2 }]);
  theirs.set('o', 3);
  assert.deepEqual(seen.calls[2], { n: 1, m: 2, o: 3 });
});

test('subscribe to a path: called only when that path changes', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  const color = recorder();
  const pets = recorder();
  const other = recorder();
  theirs.subscribe('pets[1].fur.color', color);
  theirs.subscribe('pets', (value) => pets(json(value)));
  theirs.subscribe('other', other);
  mine.set('pets[1].fur.color', 'red');
  mine.set('pets[0]', 'x');
  mine.set('pets[1].fur.color', 'blue');
  await untilEqual(() => color.calls, ['red', 'blue']);
  assert.deepEqual(pets.calls, [
    [null, { fur: { color: 'red' } }], ['x', { fur: { color: 'red' } }], ['x', { fur: { color: 'blue' } }],
  ]);
  assert.deepEqual(other.calls, []);
});

test('subscribe with triggerNow is called with the current value first', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, { n: 1 });
  const record = b.record.getRecord(name);
  const seen = recorder();
  record.subscribe('n', seen, true);
  await until(() => seen.calls.length > 0);
  await a.record.setDataWithAck(name, 'n', 2);
  await untilEqual(() => seen.calls, [1, 2]);
});

test('usable before it is ready: sets and subscriptions made at once are not lost', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('driver');
  const theirs = await open(b, name);
  const seen = recorder();
  const record = a.record.getRecord(name);
  assert.equal(record.isReady, false);
  record.subscribe('coords', (value) => seen(json(value)));
  record.set('coords', { latitude: 52.5, longitude: 13.4 });
  record.set('name', 'Jack');
  await untilEqual(() => json(theirs.get()), { coords: { latitude: 52.5, longitude: 13.4 }, name: 'Jack' });
  assert.ok(seen.calls.length > 0);
  for (const call of seen.calls) assert.deepEqual(call, { latitude: 52.5, longitude: 13.4 });
});

test('a write with acknowledgement made before the record is ready is acknowledged', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const record = a.record.getRecord(name);
  const acks = recorder();
  record.set('n', 1, acks);
  await record.setWithAck({ n: 2, m: 1 });
  await untilEqual(() => acks.calls, [[null, name]]);
  const b = await connect(t, server);
  assert.deepEqual(json(await b.record.snapshot(name)), { n: 2, m: 1 });
});

test('whenReady: a promise, a callback, and at once when the record is there', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const record = a.record.getRecord(name);
  const called = recorder();
  record.whenReady(called);
  assert.equal(called.calls.length, 0);
  assert.equal(await record.whenReady(), record);
  assert.deepEqual(called.calls, [record]);
  let now = false;
  record.whenReady(() => {
    now = true;
  });
  assert.equal(now, true, 'synchronously, since it is ready');
});

test('hundreds of records written without waiting, as the tutorial does', async (t) => {
  const [a, b] = await connectAll(t, server, 2, { subscriptionInterval: 100 });
  const prefix = unique();
  for (let index = 0; index < 300; index++) a.record.getRecord(`${prefix}-${index}`).set('index', index);
  const last = await open(b, `${prefix}-299`);
  await untilEqual(() => last.get('index'), 299);
  const all = await Promise.all(Array.from({ length: 300 }, (_, index) => b.record.snapshot(`${prefix}-${index}`)));
  assert.deepEqual(all.map((one) => one.index), Array.from({ length: 300 }, (_, index) => index));
});

test('the driver on the map: one client writes positions, another follows them in order', async (t) => {
  const [customer, driver] = await connectAll(t, server, 2);
  const name = unique('driver');
  const seen = [];
  const watched = customer.record.getRecord(name);
  watched.subscribe('coords', (coords) => seen.push(coords.x));
  await watched.whenReady();
  const record = await open(driver, name);
  for (let x = 1; x <= 200; x++) record.set('coords', { x, y: -x });
  await untilEqual(() => seen.at(-1), 200);
  assert.deepEqual(seen, Array.from({ length: 200 }, (_, index) => index + 1), 'every position, once, in order');
  assert.equal(watched.version, 200);
});

test('write acknowledgements: promise and callback, whole and path, and for a value that is there already', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck({ n: 1 });
  await record.setWithAck('m', 2);
  await record.setWithAck('m', 2);
  const acks = recorder();
  record.set('k', 3, acks);
  record.set({ n: 1, m: 2, k: 4 }, acks);
  record.setWithAck('k', 5, acks);
  await untilEqual(() => acks.calls, [[null, name], [null, name], [null, name]]);
  assert.deepEqual(json(await b.record.snapshot(name)), { n: 1, m: 2, k: 5 });
  assert.equal(await b.record.head(name), 5, 'the equal value changed nothing');
});

test('the version goes up by one with every write and is the same everywhere', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  for (let n = 1; n <= 5; n++) {
    mine.set('n', n);
    assert.equal(mine.version, n);
  }
  await untilEqual(() => theirs.version, 5);
  theirs.set('m', 1);
  await untilEqual(() => mine.version, 6);
});

test('data keeps what JSON can hold: unicode, long text, deep nesting, empty keys, big and small numbers', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  let deep = {};
  for (let level = 0; level < 50; level++) deep = { deep };
  const data = {
    text: 'ünï‑cödé 日本語 🎉 \u0000 \u2028 "quoted" \\ /', long: 'x'.repeat(100_000), '': 'empty key', 'with space': 1,
    'dotted.key': { 'in[dex]': true }, numbers: [0, -1, 1.5, 1e21, 1e-7, 9007199254740991, -0.1], deep, constructor: 'c',
    list: [[], [[]], {}, null, false],
  };
  const theirs = await open(b, name);
  await a.record.setDataWithAck(name, data);
  await untilEqual(() => json(theirs.get()), data);
  const c = await connect(t, server);
  assert.deepEqual(json(await c.record.snapshot(name)), data);
});

test('a client is not told of its own writes', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const seen = recorder();
  mine.subscribe((data) => seen(json(data)));
  await mine.setWithAck('n', 1);
  await mine.setWithAck('n', 2);
  await settled(a, b);
  assert.deepEqual(seen.calls, [{ n: 1 }, { n: 2 }]);
});

/// What is not acknowledged so long is warned of; a machine with much to do may need a while to answer.
const WARNED_MS = 3000;

test('no acknowledgement is missing: the client warns of none', async (t) => {
  const warnings = [];
  const warn = console.warn;
  console.warn = (line) => warnings.push(line);
  t.after(() => {
    console.warn = warn;
  });
  const a = await connect(t, server, { subscriptionTimeout: WARNED_MS });
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck('n', 1);
  a.record.listen(`^${name}-x$`, () => {});
  await a.record.snapshot(name);
  await a.record.head(unique());
  const gone = await open(a, unique());
  await gone.delete();
  record.discard();
  await new Promise((resolve) => record.on('discard', resolve));
  a.record.unlisten(`^${name}-x$`);
  // Waits for the client's own timer, which is what would warn.
  await new Promise((resolve) => setTimeout(resolve, WARNED_MS + 200));
  assert.deepEqual(warnings, []);
});

test('read only mode: reads a missing record as {} without creating it', async (t) => {
  const [reader, b] = await connectAll(t, server, 2, {});
  const only = await connect(t, server, { recordReadOnlyMode: true, expecting: ['RECORD_READ_ONLY_MODE'] });
  const name = unique();
  const record = await open(only, name);
  assert.deepEqual(json(record.get()), {});
  assert.equal(await reader.record.has(name), false);
  await b.record.setDataWithAck(name, { n: 1 });
  await untilEqual(() => json(record.get()), { n: 1 });
  record.set('n', 2);
  await settled(only);
  assert.deepEqual(json(await reader.record.snapshot(name)), { n: 1 });
});

test('a client with the default options works as well', async (t) => {
  const [a] = await connectAll(t, server, 1, {
    subscriptionInterval: 100, recordDiscardTimeout: 5000, reconnectIntervalIncrement: 4000,
  });
  const record = await open(a, unique('user'));
  await record.setWithAck({ firstname: 'John' });
  assert.equal(record.get('firstname'), 'John');
});

test('login with any data succeeds while authentication is open', async (t) => {
  const one = client(t, server.url);
  assert.equal((await one.login({ username: 'wolfram', password: 'whatever' })) ?? null, null);
  const two = client(t, server.url);
  const answer = await new Promise((resolve) => two.login({}, (success, data) => resolve([success, data ?? null])));
  assert.deepEqual(answer, [true, null]);
  assert.equal(two.getConnectionState(), 'OPEN');
});

test('client ids for record names are unique', async (t) => {
  const a = await connect(t, server);
  const names = new Set(Array.from({ length: 200 }, () => `book/${a.getUid()}`));
  assert.equal(names.size, 200);
  const name = [...names][0];
  await a.record.setDataWithAck(name, { title: 'Snow Crash' });
  assert.deepEqual(json(await a.record.snapshot(name)), { title: 'Snow Crash' });
});
