// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Subscriptions against a real server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { applyDiff } from '@freshet/client';
import type {
  DocumentCopy,
  JsonData,
  RealtimeClient,
  SubscribeOptions,
  SyncEvent,
} from '@freshet/client';
import { randomData, rounds } from '../rounds.js';
import { rejection, until, within } from '../waiting.js';
import { connect, serverForThisFile, unique } from './server.js';

const server = await serverForThisFile();

/** What a subscription delivers, in short. */
async function watch(realtime: RealtimeClient, options: SubscribeOptions) {
  const told: string[] = [];
  const events: SyncEvent[] = [];
  const id = realtime.subscribe(options);
  realtime.on(`event:${id}`, (event) => {
    events.push(event);
    const { operation, documentId, revision } = event.metadata;
    told.push(`${operation} ${documentId} ${revision}`);
  });
  const info = await within(realtime.ready(id), 'the acknowledgement');
  return { id, info, told, events };
}

/** Everything written before this has been delivered to a subscription of everything. */
async function settled(...clients: RealtimeClient[]): Promise<void> {
  await Promise.all(
    clients.map(async (realtime) => {
      const service = unique('settled');
      const { id, told } = await watch(realtime, { topic: `sync.${service}.updated` });
      await realtime.sync.create(service, {});
      await until(() => told.length > 0, 'what was written last');
      realtime.unsubscribe(id);
    }),
  );
}

test('the envelope says what, where, when, and by which request', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const { events } = await watch(realtime, {
    topic: `sync.${service}.updated`,
    returnMode: 'both',
  });
  await realtime.sync.create(service, { n: 1 }, 'a');
  await realtime.sync.merge(service, 'a', { n: 2 }, { requestId: 'mine' });
  await until(() => events.length >= 2, 'two events');
  const { id, timestamp, metadata, ...rest } = events[1]!;
  assert.match(id ?? '', /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.ok(Math.abs(timestamp - Date.now()) < 3_600_000);
  assert.deepEqual(rest, {
    topic: `sync.${service}.updated`,
    source: 'sync',
    payload: {
      service,
      id: 'a',
      revision: 2,
      data: { n: 2 },
      diff: { added: {}, removed: {}, changed: { n: { from: 1, to: 2 } } },
    },
  });
  const expected = {
    operation: 'merge',
    revision: 2,
    previousRevision: 1,
    service,
    documentId: 'a',
    returnMode: 'both',
    requestId: 'mine',
  };
  for (const [key, value] of Object.entries(expected)) {
    assert.equal((metadata as unknown as JsonData)[key], value, key);
  }
});

test('topics: all changes, creations, deletions, and patterns of them', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const [updated, created, deleted, segment, rest] = await Promise.all(
    [
      `sync.${service}.updated`,
      `sync.${service}.created`,
      `sync.${service}.deleted`,
      `sync.${service}.*`,
      `sync.${service}.**`,
    ].map((topic) => watch(realtime, { topic })),
  );
  await realtime.sync.create(service, {}, 'a');
  await realtime.sync.merge(service, 'a', { n: 1 });
  await realtime.sync.delete(service, 'a');
  await realtime.sync.create(service, {}, 'a');
  await settled(realtime);
  const all = ['create a 1', 'merge a 2', 'delete a 3', 'create a 4'];
  assert.deepEqual(updated?.told, all);
  assert.deepEqual(created?.told, ['create a 1', 'create a 4']);
  assert.deepEqual(deleted?.told, ['delete a 3']);
  assert.deepEqual(segment?.told, all, 'once, though three topics match');
  assert.deepEqual(rest?.told, all);
  const topics = new Set(segment?.events.map(({ topic }) => topic));
  assert.deepEqual([...topics], [`sync.${service}.updated`]);
});

test('a subscription of all services tells by concrete topics', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const topics: string[] = [];
  realtime.on('event:sync.*.updated', ({ topic }) => topics.push(topic));
  realtime.on(`event:sync.${service}.updated`, ({ topic }) => topics.push(topic));
  await watch(realtime, { topic: 'sync.*.updated', filter: { mark: service } });
  await realtime.sync.create(service, { mark: service });
  await settled(realtime);
  assert.deepEqual(topics, [`sync.${service}.updated`, `sync.${service}.updated`]);
});

test('one document, filters, and what begins and ceases to match', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const topic = `sync.${service}.updated`;
  const [one, active, many, entering, leaving] = await Promise.all([
    watch(realtime, { topic, id: 'b' }),
    watch(realtime, { topic, filter: { status: 'active' } }),
    watch(realtime, { topic, filter: { n: { gt: 5 }, operation: 'merge' } }),
    watch(realtime, { topic, filter: { status: 'active' }, scope: 'in' }),
    watch(realtime, { topic, filter: { status: 'active' }, scope: 'out' }),
  ]);
  await realtime.sync.create(service, { status: 'new', n: 1 }, 'a');
  await realtime.sync.create(service, { status: 'active', n: 9 }, 'b');
  await realtime.sync.merge(service, 'a', { status: 'active', n: 6 });
  await realtime.sync.merge(service, 'a', { status: 'ended' });
  await realtime.sync.merge(service, 'b', { n: 2 });
  await settled(realtime);
  assert.deepEqual(one.told, ['create b 1', 'merge b 2']);
  assert.deepEqual(active.told, ['create b 1', 'merge a 2', 'merge a 3', 'merge b 2']);
  assert.deepEqual(
    active.events.map(({ metadata }) => metadata.match === 'left'),
    [false, false, true, false],
  );
  assert.deepEqual(many.told.slice(0, 2), ['merge a 2', 'merge a 3']);
  assert.deepEqual(entering.told, ['create b 1', 'merge a 2']);
  assert.deepEqual(leaving.told, ['merge a 3']);
});

test('a snapshot, then every change, without a gap', async (t) => {
  const realtime = await connect(t, server);
  const writer = await connect(t, server);
  const service = unique();
  const topic = `sync.${service}.updated`;
  for (let i = 0; i < 50; i++) await writer.sync.create(service, { n: 0 }, `d${i}`);
  await writer.sync.delete(service, 'd7');
  let isWriting = true;
  const writing = (async () => {
    for (let i = 0; isWriting; i++)
      await writer.sync.mutate(service, `d${i % 7}`, { n: { $inc: 1 } });
  })();
  const { told, events } = await watch(realtime, { topic, snapshot: true });
  await until(
    () => events.filter(({ metadata }) => metadata.operation === 'mutate').length > 20,
    'changes',
  );
  isWriting = false;
  await writing;
  await settled(realtime);
  const revisions = new Map<string, number>();
  for (const { metadata } of events) {
    const { documentId, operation, revision } = metadata;
    const before = revisions.get(documentId);
    if (operation === 'snapshot') assert.equal(before, undefined, told.join('\n'));
    else assert.equal(revision, (before ?? 0) + 1, told.join('\n'));
    revisions.set(documentId, revision);
  }
  assert.equal(revisions.size, 49);
  for (const [id, revision] of revisions) {
    assert.equal((await writer.sync.get(service, id)).revision, revision);
  }
});

test('echo: false leaves out what this client writes', async (t) => {
  const [realtime, other] = [await connect(t, server), await connect(t, server)];
  const service = unique();
  const { told } = await watch(realtime, { topic: `sync.${service}.updated`, echo: false });
  await realtime.sync.create(service, {}, 'a');
  await other.sync.merge(service, 'a', { n: 1 });
  await realtime.sync.merge(service, 'a', { n: 2 });
  await other.sync.merge(service, 'a', { n: 3 });
  await settled(realtime);
  assert.deepEqual(told, ['merge a 2', 'merge a 4']);
});

test('nothing is delivered after unsubscribe, and others go on', async (t) => {
  const realtime = await connect(t, server);
  const service = unique();
  const topic = `sync.${service}.updated`;
  const [first, second] = [await watch(realtime, { topic }), await watch(realtime, { topic })];
  await realtime.sync.create(service, {}, 'a');
  await settled(realtime);
  realtime.unsubscribe(first.id);
  await realtime.sync.merge(service, 'a', { n: 1 });
  await settled(realtime);
  assert.deepEqual(first.told, ['create a 1']);
  assert.deepEqual(second.told, ['create a 1', 'merge a 2']);
});

test('what makes no sense is refused', async (t) => {
  const realtime = await connect(t, server);
  for (const options of [
    { topic: 'nothing' },
    { topic: 'sync.session.updated', returnMode: 'half' as 'full' },
    { topic: 'sync.session.updated', recover: 'yesterday' },
    { topic: 'sync.session.updated', filter: { n: { nope: 1 } } },
  ]) {
    const { status } = await rejection(realtime.ready(realtime.subscribe(options)));
    assert.equal(status, 400, JSON.stringify(options));
  }
});

test('recover: a place that never was is a gap', async (t) => {
  const realtime = await connect(t, server);
  const gaps: string[] = [];
  realtime.on('gap', ({ subscriptionId }) => gaps.push(subscriptionId));
  const service = unique();
  await realtime.sync.create(service, {}, 'a');
  const nowhere = '01AAAAAAAAZZZZZZZZZZZZZZZZ';
  const topic = `sync.${service}.updated`;
  const { id, info, told } = await watch(realtime, { topic, recover: nowhere, snapshot: true });
  assert.equal(info.recovered, false);
  assert.deepEqual(gaps, [id]);
  await until(() => told.length > 0, 'the snapshot');
  assert.deepEqual(told, ['snapshot a 1']);
});

test('recover: another client goes on where the first one was', async (t) => {
  const service = unique();
  const topic = `sync.${service}.updated`;
  const first = await connect(t, server);
  const seen = await watch(first, { topic });
  await first.sync.create(service, { n: 0 }, 'a');
  await until(() => seen.told.length > 0, 'the creation');
  first.disconnect();
  const writer = await connect(t, server);
  for (let i = 0; i < 5; i++) await writer.sync.mutate(service, 'a', { n: { $inc: 1 } });
  const second = await connect(t, server);
  const after = await watch(second, { topic, recover: seen.events[0]!.id });
  assert.equal(after.info.recovered, true);
  await writer.sync.delete(service, 'a');
  await until(() => after.told.length >= 6, 'the rest');
  const missed = [2, 3, 4, 5, 6].map((revision) => `mutate a ${revision}`);
  assert.deepEqual(after.told, [...missed, 'delete a 7']);
});

rounds('copies kept by diffs equal the documents, after any history', async (random) => {
  const clients: RealtimeClient[] = [];
  const t = { after: () => {} } as unknown as Parameters<typeof connect>[0];
  try {
    const realtime = await connect(t, server);
    clients.push(realtime);
    const { sync } = realtime;
    const service = unique();
    const copies = new Map<string, DocumentCopy>();
    let steps = 0;
    const id = realtime.subscribe({ topic: `sync.${service}.updated`, returnMode: 'diff' });
    realtime.on(`event:${id}`, (event) => {
      const { documentId, operation, revision } = event.metadata;
      const next = applyDiff(copies.get(documentId), event);
      assert.ok(next, `${operation} ${documentId} ${revision} cannot be applied`);
      copies.set(documentId, next);
      steps++;
    });
    await within(realtime.ready(id), 'the acknowledgement');
    const documents = ['a', 'b', 'c'];
    let written = 0;
    const write = async (document: string): Promise<void> => {
      const data = randomData(random);
      const isThere = copies.get(document)?.deleted === undefined && copies.has(document);
      const choice = isThere ? random(5) : 5;
      if (choice === 0) await sync.replace(service, document, data);
      else if (choice === 1) await sync.merge(service, document, data, { nulls: 'set' });
      else if (choice === 2) await sync.merge(service, document, data);
      else if (choice === 3)
        await sync.patch(service, document, [{ op: 'add', path: '/x', value: data }]);
      else if (choice === 4) await sync.delete(service, document);
      else await sync.create(service, data, document);
      written++;
      await until(() => steps >= written, 'the event');
    };
    for (let i = 0; i < 60; i++) await write(documents[random(documents.length)]!);
    for (const [document, copy] of copies) {
      const { data, revision } = await sync.get(service, document, { includeDeleted: true });
      assert.deepEqual([copy.data, copy.revision], [data, revision]);
    }
  } finally {
    clients.forEach((each) => each.disconnect());
  }
});
