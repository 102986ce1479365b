// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A record is a document: the npm client on one side, the documents face on the other.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, open, until, untilEqual, within } from './clients.mjs';
import { serverForThisFile } from './server.mjs';
import { SyncSession, told, uniqueService } from './sync.mjs';

const server = await serverForThisFile();

/// The npm client, a session on `/ws`, and a record name of this test's own.
async function both(t, options) {
  const [client, sync] = [await connect(t, server, options), await SyncSession.open(t, server)];
  const service = uniqueService();
  return { client, sync, service, id: 'r', name: `${service}/r`, topic: `sync.${service}.updated` };
}

const shown = (record) => () => [record.version, record.get()];

test('a document\'s writes show up on an open record, with their revisions', async (t) => {
  const { client, sync, service, id, name } = await both(t);
  await sync.done('create', { service, id, data: { status: 'active', tags: ['a'], deep: { n: 1, 'a.b': 1 } } });
  const record = await open(client, name);
  assert.deepEqual(shown(record)(), [1, { status: 'active', tags: ['a'], deep: { n: 1, 'a.b': 1 } }]);
  const paths = [];
  record.subscribe('deep.n', (value) => paths.push(value));
  for (const [op, members, data] of [
    ['merge', { data: { status: 'ended' } }, { status: 'ended', tags: ['a'], deep: { n: 1, 'a.b': 1 } }],
    ['mutate', { mutations: { 'deep.n': { $inc: 1 } } }, { status: 'ended', tags: ['a'], deep: { n: 2, 'a.b': 1 } }],
    ['mutate', { mutations: { 'deep.a\\.b': 7 } }, { status: 'ended', tags: ['a'], deep: { n: 2, 'a.b': 7 } }],
    ['mutate', { mutations: { tags: { $push: { $each: ['z'], $at: 0 } } } }, { status: 'ended', tags: ['z', 'a'], deep: { n: 2, 'a.b': 7 } }],
    ['mutate', { mutations: { status: { $unset: true }, 'x.y': 1 } }, { tags: ['z', 'a'], deep: { n: 2, 'a.b': 7 }, x: { y: 1 } }],
    ['patch', { patch: [{ op: 'remove', path: '/tags/0' }, { op: 'move', from: '/x', path: '/w' }] }, { tags: ['a'], deep: { n: 2, 'a.b': 7 }, w: { y: 1 } }],
    ['merge', { data: {} }, { tags: ['a'], deep: { n: 2, 'a.b': 7 }, w: { y: 1 } }],
    ['replace', { data: { only: 'this' } }, { only: 'this' }],
  ]) {
    const { revision } = await sync.done(op, { service, id, ...members });
    await untilEqual(shown(record), [revision, data], JSON.stringify(members));
  }
  assert.deepEqual(paths, [2, undefined]);
});

test('a record\'s writes are events, with what they changed', async (t) => {
  const { client, sync, service, id, name, topic } = await both(t);
  await sync.subscribe(topic, { returnMode: 'both' });
  const record = await open(client, name);
  await within(record.setWithAck({ a: 1, b: { c: [1, 2] } }), 'the first write');
  await within(record.setWithAck('b.c[1]', 5), 'a path');
  await within(record.setWithAck('new.way', true), 'a new path');
  record.erase('a');
  const [first, path, way, erased] = await sync.events(4);
  assert.deepEqual([first, path, way, erased].map(told), ['create 1 r', 'mutate 2 r', 'mutate 3 r', 'mutate 4 r']);
  assert.deepEqual(first.payload.diff.added, { a: 1, b: { c: [1, 2] } });
  assert.deepEqual(path.payload.diff.changed, { 'b.c': { from: [1, 2], to: [1, 5] } });
  assert.deepEqual(way.payload.diff.added, { new: { way: true } });
  assert.deepEqual(erased.payload.diff, { added: {}, removed: { a: 1 }, changed: {} });
  assert.deepEqual((await sync.done('get', { service, id })).data, { b: { c: [1, 5] }, new: { way: true } });
});

test('a record that is only open is no document, and its first write creates one', async (t) => {
  const { client, sync, service, id, name, topic } = await both(t);
  await sync.subscribe(topic);
  const record = await open(client, name);
  assert.equal((await sync.refused('get', { service, id })).code, 'NOT_FOUND');
  assert.equal((await sync.refused('merge', { service, id, data: {} })).code, 'NOT_FOUND');
  await sync.done('create', { service, id, data: { x: 1 } });
  await untilEqual(shown(record), [1, { x: 1 }]);
  assert.equal(told(await sync.event()), 'create 1 r');
});

test('a conflict is a conflict at both doors', async (t) => {
  const { client, sync, service, id, name } = await both(t, { expecting: ['VERSION_EXISTS'] });
  await sync.done('create', { service, id, data: { x: 1 } });
  const record = await open(client, name);
  await within(record.setWithAck('x', 2), 'a write');
  const stale = await sync.refused('replace', { service, id, data: { mine: true }, expectedRevision: 1 });
  assert.deepEqual([stale.code, stale.details.currentRevision], ['REVISION_CONFLICT', 2]);
  // Both write revision 3: one wins, and the npm client takes the other's state.
  const merging = sync.done('merge', { service, id, data: { y: 1 } });
  record.set('x', 3);
  await merging;
  const { revision, data } = await until(async () => {
    const document = await sync.done('get', { service, id });
    return record.version === document.revision && document;
  }, 'the same revision');
  assert.ok(revision >= 3);
  assert.deepEqual(record.get(), data);
});

test('a deletion at either door ends the record, and the next life goes on counting', async (t) => {
  const { client, sync, service, id, name, topic } = await both(t);
  await sync.subscribe(topic);
  await sync.done('create', { service, id, data: { life: 1 } });
  const record = await open(client, name);
  let deleted = false;
  record.on('delete', () => { deleted = true; });
  assert.equal((await sync.done('delete', { service, id })).revision, 2);
  await until(() => deleted, 'the deletion');
  const second = await open(client, name);
  assert.deepEqual(shown(second)(), [2, {}]);
  await within(second.setWithAck({ life: 2 }), 'the next life');
  assert.equal((await sync.done('get', { service, id })).revision, 3);
  second.delete();
  const tellings = (await sync.events(4)).map(told);
  assert.deepEqual(tellings, ['create 1 r', 'delete 2 r', 'create 3 r', 'delete 4 r']);
  assert.equal((await sync.refused('restore', { service, id })).code, 'NOT_FOUND', 'a record\'s data is gone at once');
  assert.equal((await sync.done('create', { service, id, data: { life: 3 } })).revision, 5);
  await untilEqual(() => client.record.head(name), 5);
});

test('a document that is restored can be opened again', async (t) => {
  const { client, sync, service, id, name } = await both(t);
  await sync.done('create', { service, id, data: { x: 1 } });
  await sync.done('delete', { service, id });
  assert.equal((await sync.done('restore', { service, id })).revision, 3);
  assert.deepEqual(shown(await open(client, name))(), [3, { x: 1 }]);
});

test('lists are documents whose data is an array', async (t) => {
  const { client, sync, service, id, name, topic } = await both(t);
  await sync.subscribe(topic, { returnMode: 'both' });
  const list = await within(client.record.getList(name).whenReady(), 'the list');
  list.setEntries(['a/1']);
  list.addEntry('a/2');
  const [first, second] = await sync.events(2);
  assert.deepEqual(first.payload.diff.changed, { '': { from: {}, to: ['a/1'] } });
  assert.deepEqual(second.payload.data, ['a/1', 'a/2']);
  assert.deepEqual(second.payload.diff.changed, { '': { from: ['a/1'], to: ['a/1', 'a/2'] } });
  assert.deepEqual((await sync.done('get', { service, id })).data, ['a/1', 'a/2']);
  for (const [op, members] of [['merge', { data: { x: 1 } }], ['mutate', { mutations: { x: 1 } }]]) {
    assert.deepEqual([(await sync.refused(op, { service, id, ...members })).status], [422], op);
  }
  await sync.done('replace', { service, id, data: ['b/1'] });
  await untilEqual(() => list.getEntries(), ['b/1']);
});

test('numbers that JavaScript cannot hold pass through both doors as they are', async (t) => {
  const { client, sync, service, id, name } = await both(t);
  sync.say(`{"type":"sync","requestId":"n","op":"create","service":"${service}","id":"${id}","data":{"big":9007199254740993,"exact":0.1}}`);
  await sync.expect({ requestId: 'n' });
  const record = await open(client, name);
  assert.equal(record.get('exact'), 0.1);
  await sync.done('mutate', { service, id, mutations: { exact: { $inc: 0.2 } } });
  await untilEqual(() => record.get('exact'), 0.3);
});
