// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The end of a record through the npm client: unsubscribe, discard and delete, and what comes after.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, rejection, settled, unique, until, untilEqual, within } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const happens = (emitter, event) => within(new Promise((resolve) => emitter.on(event, resolve)), `the event ${event}`);

test('unsubscribe ends the callback and nothing else: the record itself stays current', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  const whole = recorder();
  const path = recorder();
  const kept = recorder();
  theirs.subscribe(whole);
  theirs.subscribe('n', path);
  theirs.subscribe('n', kept);
  mine.set('n', 1);
  await untilEqual(() => kept.calls, [1]);
  theirs.unsubscribe(whole);
  theirs.unsubscribe('n', path);
  mine.set('n', 2);
  await untilEqual(() => kept.calls, [1, 2]);
  assert.equal(whole.calls.length, 1);
  assert.deepEqual(path.calls, [1]);
  assert.equal(theirs.get('n'), 2);
});

test('discard tells the server: no update comes any more', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const theirs = await open(b, name);
  const seen = recorder();
  theirs.subscribe(seen);
  const discarded = happens(theirs, 'discard');
  theirs.discard();
  await discarded;
  await untilEqual(() => b.record.names().includes(name), false);
  await settled(b); // the server has read the unsubscription
  await a.record.setDataWithAck(name, { n: 1 });
  await settled(b);
  assert.deepEqual(seen.calls, []);
  assert.deepEqual(b.errors, [], 'an update would have been an unsolicited message');
});

test('a discarded record can be got again, with what happened since', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const first = await open(b, name);
  first.discard();
  await until(() => !b.record.names().includes(name), 'the discard');
  await a.record.setDataWithAck(name, { n: 1 });
  const again = await open(b, name);
  assert.deepEqual(json(again.get()), { n: 1 });
  await a.record.setDataWithAck(name, 'n', 2);
  await untilEqual(() => again.get('n'), 2);
});

test('until the discard delay is over the record is kept, and getting it again takes it back', async (t) => {
  const [a, b] = await connectAll(t, server, 2, { recordDiscardTimeout: 3000 });
  const name = unique();
  const first = await open(b, name);
  first.discard();
  const again = b.record.getRecord(name);
  assert.equal(again.isReady, true);
  await a.record.setDataWithAck(name, { n: 1 });
  await untilEqual(() => json(again.get()), { n: 1 });
});

test('discarding one of two handles keeps the other one current', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const one = await open(b, name);
  const two = await open(b, name);
  one.discard();
  await a.record.setDataWithAck(name, { n: 1 });
  await untilEqual(() => json(two.get()), { n: 1 });
  assert.ok(b.record.names().includes(name));
});

test('a client that closes is forgotten; the others go on', async (t) => {
  const [a, b, c] = await connectAll(t, server, 3);
  const name = unique();
  await open(b, name);
  const theirs = await open(c, name);
  b.close();
  for (let n = 1; n <= 3; n++) await a.record.setDataWithAck(name, 'n', n);
  await untilEqual(() => theirs.get('n'), 3);
});

test('delete: the record is gone and every other client emits delete', async (t) => {
  const [a, b, c, d] = await connectAll(t, server, 4);
  const name = unique();
  const mine = await open(a, name);
  await mine.setWithAck({ n: 1 });
  const others = await Promise.all([open(b, name), open(c, name)]);
  const told = others.map((record) => happens(record, 'delete'));
  const toldMyself = happens(mine, 'delete');
  await mine.delete();
  await Promise.all([...told, toldMyself]);
  assert.equal(await d.record.has(name), false);
  assert.equal(await rejection(d.record.snapshot(name)), 'RECORD_NOT_FOUND');
  for (const each of [a, b, c]) assert.ok(!each.record.names().includes(name), 'deleting also discards');
});

test('delete with a callback', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  await mine.setWithAck({ n: 1 });
  const called = recorder();
  mine.delete(called);
  await untilEqual(() => called.calls, [null]);
  assert.equal(await b.record.has(name), false);
});

test('delete before the record is ready', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await b.record.setDataWithAck(name, { n: 1 });
  await a.record.getRecord(name).whenReady().then((record) => record.delete());
  assert.equal(await b.record.has(name), false);
});

test('a record created again after its deletion is new and empty, for everybody', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const first = await open(a, name);
  const theirs = await open(b, name);
  await first.setWithAck({ old: true });
  const gone = happens(theirs, 'delete');
  await first.delete();
  await gone;
  const [mine, again] = await Promise.all([open(a, name), open(b, name)]);
  assert.deepEqual(json(mine.get()), {});
  assert.deepEqual(json(again.get()), {});
  await mine.setWithAck('n', 1);
  await untilEqual(() => json(again.get()), { n: 1 });
  again.set('m', 2);
  await untilEqual(() => json(mine.get()), { n: 1, m: 2 });
});

test('after a deletion nothing of the old life reaches those who watched it', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  const seen = recorder();
  theirs.subscribe(seen);
  const gone = happens(theirs, 'delete');
  await mine.delete();
  await gone;
  await a.record.setDataWithAck(name, { second: 'life' });
  await settled(b);
  assert.deepEqual(seen.calls, []);
  assert.deepEqual(b.errors, []);
});

test('a deleted record object refuses further use', async (t) => {
  const a = await connect(t, server, { expecting: ['RECORD_ALREADY_DESTROYED'] });
  const record = await open(a, unique());
  await record.delete();
  record.set('n', 1);
  await until(() => a.errors.some((error) => error.event === 'RECORD_ALREADY_DESTROYED'));
});

test('deleting a record while others write to it: it is gone for all, or new with whole writes only', async (t) => {
  const [a, b] = await connectAll(t, server, 2, { expecting: ['RECORD_UPDATE_ERROR', 'RECORD_ALREADY_DESTROYED'] });
  const name = unique();
  const mine = await open(a, name);
  const theirs = await open(b, name);
  const gone = happens(theirs, 'delete');
  for (let n = 1; n <= 20; n++) theirs.set('n', n);
  await mine.delete();
  await gone;
  assert.equal(await within(a.record.has(name), 'has'), false);
});

test('many deleted and created again in turn', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  for (let life = 1; life <= 5; life++) {
    const mine = await open(a, name);
    assert.deepEqual(json(mine.get()), {});
    await mine.setWithAck({ life });
    assert.deepEqual(json(await b.record.snapshot(name)), { life });
    await mine.delete();
    assert.equal(await b.record.has(name), false);
  }
});
