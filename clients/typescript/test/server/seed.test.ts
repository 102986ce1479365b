// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The calls this client was made for, as programs write them: every one of them, and what the
// comments beside them promise.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { DiffEvent, SyncEvent } from '@freshet/client';
import { until, within } from '../waiting.js';
import { connect, serverForThisFile, unique } from './server.js';

const server = await serverForThisFile();

test('create: an id is found, or given; the revision is 1', async (t) => {
  const realtime = await connect(t, server);
  const syncClient = realtime.sync;
  const doc = await syncClient.create('session', { status: 'active', participantCount: 0 });
  assert.match(doc.id, /^doc_[a-z2-7]{20}$/);
  assert.equal(doc.revision, 1);
  assert.equal(doc.service, 'session');
  assert.deepEqual(doc.data, { status: 'active', participantCount: 0 });
  const id = unique();
  const doc2 = await realtime.sync.create('session', { status: 'active' }, id);
  assert.equal(doc2.id, id);
});

test('get: the current state; an error if there is none', async (t) => {
  const realtime = await connect(t, server);
  const { id } = await realtime.sync.create('session', { status: 'active' });
  await realtime.sync.merge('session', id, { a: 1 });
  await realtime.sync.merge('session', id, { a: 2 });
  const doc = await realtime.sync.get('session', id);
  assert.equal(doc.data['status'], 'active');
  assert.equal(doc.revision, 3);
  await assert.rejects(realtime.sync.get('session', unique()), { status: 404, code: 'NOT_FOUND' });
});

test('replace: all fields are overwritten', async (t) => {
  const realtime = await connect(t, server);
  const { id } = await realtime.sync.create('session', { status: 'active', notes: 'x' });
  for (const n of [1, 2]) await realtime.sync.merge('session', id, { n });
  const newData = { status: 'ended', endedAt: Date.now() };
  const updated = await realtime.sync.replace('session', id, newData);
  assert.equal(updated.revision, 4);
  assert.deepEqual(updated.data, newData);
  await realtime.sync.replace('session', id, newData, 4);
});

test('merge: only what is given changes', async (t) => {
  const realtime = await connect(t, server);
  const { id } = await realtime.sync.create('session', { status: 'ended', participantCount: 0 });
  const merged = await realtime.sync.merge('session', id, { notes: 'went well' });
  const data = { status: 'ended', participantCount: 0, notes: 'went well' };
  assert.deepEqual([merged.revision, merged.data], [2, data]);
});

test('mutate: several fields, one revision, at the revision expected', async (t) => {
  const realtime = await connect(t, server);
  const { id } = await realtime.sync.create('session', { status: 'active', participantCount: 3 });
  for (const n of [1, 2, 3, 4]) await realtime.sync.merge('session', id, { n });
  const mutations = { status: 'ended', participantCount: 0, endedAt: Date.now() };
  const mutated = await realtime.sync.mutate('session', id, mutations, 5);
  assert.equal(mutated.revision, 6);
  assert.deepEqual(mutated.data, { ...mutations, n: 4 });
});

test('delete: resolves to nothing, and the document is gone', async (t) => {
  const realtime = await connect(t, server);
  const { id } = await realtime.sync.create('session', {});
  assert.equal(await realtime.sync.delete('session', id), undefined);
  await assert.rejects(realtime.sync.get('session', id), { status: 404 });
});

test('a stale revision is a conflict, told by its message', async (t) => {
  const realtime = await connect(t, server);
  const { id: docId } = await realtime.sync.create('session', { n: 0 });
  for (const n of [1, 2, 3]) await realtime.sync.merge('session', docId, { n });
  let latest;
  try {
    await realtime.sync.replace('session', docId, { n: -1 }, 3);
  } catch (err) {
    if (err instanceof Error && err.message.includes('conflict')) {
      assert.equal((err as Error & { status: number }).status, 409);
      latest = await realtime.sync.get('session', docId);
    }
  }
  assert.equal(latest?.revision, 4);
  assert.deepEqual(latest.data, { n: 3 });
  for (const write of ['merge', 'mutate'] as const) {
    await assert.rejects(realtime.sync[write]('session', docId, { n: -1 }, 3), /conflict/);
  }
});

test('events: operation, revision, data', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const told: unknown[] = [];
  const id = realtime.subscribe({ topic: `sync.${service}.updated` });
  realtime.on(`event:sync.${service}.updated`, (event) => {
    told.push([event.metadata.operation, event.metadata.revision, event.payload.data]);
  });
  await within(realtime.ready(id), 'the acknowledgement');
  const writer = await connect(t, server);
  const doc = await writer.sync.create(service, { n: 1 });
  await writer.sync.replace(service, doc.id, { n: 2 });
  await writer.sync.merge(service, doc.id, { m: 3 });
  await writer.sync.mutate(service, doc.id, { n: { $inc: 1 } });
  await writer.sync.delete(service, doc.id);
  await until(() => told.length >= 5, 'five events');
  assert.deepEqual(told, [
    ['create', 1, { n: 1 }],
    ['replace', 2, { n: 2 }],
    ['merge', 3, { n: 2, m: 3 }],
    ['mutate', 4, { n: 3, m: 3 }],
    ['delete', 5, { n: 3, m: 3 }],
  ]);
});

test('events with diffs: added, removed and changed fields', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const events: DiffEvent[] = [];
  const id = realtime.subscribe({ topic: `sync.${service}.updated`, returnMode: 'diff' });
  realtime.on(`event:sync.${service}.updated`, (event: DiffEvent) => events.push(event));
  await within(realtime.ready(id), 'the acknowledgement');
  const doc = await realtime.sync.create(service, { status: 'active', old: 1 });
  await realtime.sync.replace(service, doc.id, { status: 'ended', endedAt: 5 });
  await realtime.sync.delete(service, doc.id);
  await until(() => events.length >= 3, 'three events');
  const empty = { added: {}, removed: {}, changed: {} };
  assert.deepEqual(
    events.map(({ payload }) => payload.diff),
    [
      { ...empty, added: { status: 'active', old: 1 } },
      {
        added: { endedAt: 5 },
        removed: { old: 1 },
        changed: { status: { from: 'active', to: 'ended' } },
      },
      empty,
    ],
  );
  for (const { payload, metadata } of events) {
    assert.equal(payload.data, undefined);
    assert.equal(metadata.returnMode, 'diff');
  }
  assert.equal(events[2]?.payload.deleted, true);
});

test('three return modes, side by side', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const topic = `sync.${service}.updated`;
  const events = new Map<string, SyncEvent>();
  for (const returnMode of ['full', 'diff', 'both'] as const) {
    const id = realtime.subscribe({ topic, returnMode });
    realtime.on(`event:${id}`, (event) => events.set(returnMode, event));
    await within(realtime.ready(id), 'the acknowledgement');
  }
  await realtime.sync.create(service, { n: 1 }, 'a');
  await until(() => events.size === 3, 'an event in each mode');
  const [full, diff, both] = ['full', 'diff', 'both'].map((mode) => events.get(mode)?.payload);
  const head = { service, id: 'a', revision: 1 };
  const change = { added: { n: 1 }, removed: {}, changed: {} };
  assert.deepEqual(full, { ...head, data: { n: 1 } });
  assert.deepEqual(diff, { ...head, diff: change });
  assert.deepEqual(both, {
    ...head,
    data: { n: 1 },
    diff: change,
  });
});
