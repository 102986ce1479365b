// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Anonymous records through the npm client: a record whose name can change while its bindings stay.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, recorder, settled, unique, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('without a name it is nothing', async (t) => {
  const a = await connect(t, server);
  const record = a.record.getAnonymousRecord();
  assert.equal(record.name, '');
  assert.equal(record.isReady, false);
  assert.equal(record.get(), undefined);
});

test('setName makes it that record, and then another one', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const [john, max] = [unique('user'), unique('user')];
  await b.record.setDataWithAck(john, { firstname: 'John' });
  await b.record.setDataWithAck(max, { firstname: 'Max' });
  const record = a.record.getAnonymousRecord();
  const names = recorder();
  record.on('nameChanged', names);
  await record.setName(john);
  assert.equal(record.get('firstname'), 'John');
  assert.equal(record.name, john);
  const ready = recorder();
  record.setName(max, ready);
  await untilEqual(() => ready.calls.length, 1);
  assert.equal(record.get('firstname'), 'Max');
  assert.deepEqual(names.calls, [john, max]);
});

test('bindings stay intact when the name changes', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const [john, max] = [unique('user'), unique('user')];
  const record = a.record.getAnonymousRecord();
  const first = recorder();
  const whole = recorder();
  record.subscribe('firstname', first);
  record.subscribe((data) => whole(json(data)));
  await record.setName(john);
  await b.record.setDataWithAck(john, { firstname: 'John' });
  await untilEqual(() => first.calls, ['John']);
  await record.setName(max);
  await b.record.setDataWithAck(max, { firstname: 'Max' });
  await untilEqual(() => first.calls, ['John', 'Max']);
  const filled = whole.calls.filter((data) => Object.keys(data).length > 0); // it also reports loading {}
  assert.deepEqual(filled, [{ firstname: 'John' }, { firstname: 'Max' }]);
  await b.record.setDataWithAck(john, { firstname: 'Johnny' });
  await settled(a);
  assert.deepEqual(first.calls, ['John', 'Max'], 'the former record is not bound any more');
});

test('set, set by path, acknowledged set and erase go to the present record', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const [one, two] = [unique('user'), unique('user')];
  const record = a.record.getAnonymousRecord();
  await record.setName(one);
  record.set({ n: 1 });
  await record.setWithAck('m', 2);
  await record.setName(two);
  record.set('pets[0].name', 'Ruffles');
  await record.setWithAck({ n: 3, gone: true });
  record.set('gone', undefined);
  await record.setWithAck('last', 1);
  assert.deepEqual(json(await b.record.snapshot(one)), { n: 1, m: 2 });
  assert.deepEqual(json(await b.record.snapshot(two)), { n: 3, last: 1 });
});

test('unsubscribe and discard', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  const record = a.record.getAnonymousRecord();
  const seen = recorder();
  const kept = recorder();
  record.subscribe('n', seen);
  record.subscribe('n', kept);
  await record.setName(name);
  record.unsubscribe('n', seen);
  await b.record.setDataWithAck(name, 'n', 1);
  await untilEqual(() => kept.calls, [1]);
  assert.deepEqual(seen.calls, []);
  record.discard();
  await untilEqual(() => a.record.names(), []);
  await settled(a);
  await b.record.setDataWithAck(name, 'n', 2);
  await settled(a);
  assert.deepEqual(kept.calls, [1]);
  assert.deepEqual(a.errors, []);
});

test('delete deletes the present record', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const [one, two] = [unique('user'), unique('user')];
  const record = a.record.getAnonymousRecord();
  await record.setName(one);
  await record.setWithAck({ n: 1 });
  await record.setName(two);
  await record.setWithAck({ n: 2 });
  await record.delete();
  assert.equal(await b.record.has(two), false);
  assert.equal(await b.record.has(one), true);
});

test('two anonymous records may show the same record', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique('user');
  const [mine, theirs] = [a.record.getAnonymousRecord(), b.record.getAnonymousRecord()];
  await Promise.all([mine.setName(name), theirs.setName(name)]);
  mine.set('n', 1);
  await untilEqual(() => theirs.get('n'), 1);
  theirs.set('m', 2);
  await untilEqual(() => json(mine.get()), { n: 1, m: 2 });
});
