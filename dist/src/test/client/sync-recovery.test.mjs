// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a subscriber or a writer of the documents face can rely on when something breaks: the connection, the server,
// its own speed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from './clients.mjs';
import { relay, Server, serverForThisFile } from './server.mjs';
import { SyncSession, told, uniqueService } from './sync.mjs';

const server = await serverForThisFile();

test('a subscriber that comes back sees what one sees that never left', async (t) => {
  const service = uniqueService();
  const topic = `sync.${service}.updated`;
  const [writer, steady] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  await steady.subscribe(topic, { returnMode: 'diff' });
  const line = await relay(t, server);
  const broken = await SyncSession.open(t, line);
  await broken.subscribe(topic, { returnMode: 'diff' });
  const write = async (from, to) => {
    for (let i = from; i < to; i++) await writer.done('replace', { service, id: `d${i % 3}`, data: { i }, expectedRevision: Math.floor(i / 3) });
  };
  await write(0, 20);
  const seen = await broken.events(20);
  line.cut();
  await broken.end();
  await write(20, 60);
  const again = await SyncSession.open(t, server);
  const acknowledged = await again.subscribe(topic, { returnMode: 'diff', recover: seen.at(-1).id });
  assert.equal(acknowledged.recovered, true);
  await write(60, 70);
  seen.push(...(await again.events(50)));
  assert.deepEqual(seen.map(lasting), (await steady.events(70)).map(lasting));
});

/// An event without what is only told at the time: the writer's name for its request.
function lasting(event) {
  const { requestId, ...metadata } = event.metadata;
  return { ...event, metadata };
}

test('a subscriber that was away for longer than the log is kept gets a snapshot', async (t) => {
  const volatile = new Server({ collections: { '*': { durability: 'memory' } } });
  t.after(() => volatile.dispose());
  await volatile.start();
  const service = uniqueService();
  const before = await SyncSession.open(t, volatile);
  await before.subscribe(`sync.${service}.updated`);
  await before.done('create', { service, id: 'a', data: { x: 1 } });
  const { id } = await before.event();
  await volatile.crash(); // what was not on disk is lost: the log begins anew
  await volatile.start();
  const writer = await SyncSession.open(t, volatile);
  await writer.done('create', { service, id: 'b', data: {} });
  const after = await SyncSession.open(t, volatile);
  const acknowledged = await after.subscribe(`sync.${service}.updated`, { recover: id, snapshot: true });
  assert.equal(acknowledged.recovered, false);
  await after.settled();
  const documents = after.frames.map((frame) => told(frame.data));
  assert.ok(documents.includes('snapshot 1 b'), documents.join());
  assert.ok(documents.every((each) => each.startsWith('snapshot')), documents.join());
});

test('what was acknowledged is there after a crash, and the count goes on', async (t) => {
  const crashing = new Server();
  t.after(() => crashing.dispose());
  await crashing.start();
  const service = uniqueService();
  const acknowledged = new Map();
  const writers = await Promise.all(Array.from({ length: 8 }, () => SyncSession.open(t, crashing)));
  let running = true;
  const writing = writers.map(async (writer, w) => {
    for (let n = 1; running; n++) {
      writer.say({ type: 'sync', requestId: `${n}`, op: 'mutate', service, id: `d${w}`, mutations: { n: { $inc: 1 } }, ...(n === 1 ? { expectedRevision: 0 } : {}) });
      const answer = await writer.expect({ requestId: `${n}` }).catch(() => undefined);
      if (answer?.type !== 'result') return;
      acknowledged.set(`d${w}`, answer.document);
    }
  });
  await until(() => acknowledged.size === 8 && [...acknowledged.values()].every((document) => document.revision > 10), 'some writes');
  await crashing.crash();
  running = false;
  await Promise.all(writing);
  await crashing.start();
  const reader = await SyncSession.open(t, crashing);
  for (const [id, document] of acknowledged) {
    const found = await reader.done('get', { service, id });
    // One more may have been committed and not acknowledged.
    assert.ok([0, 1].includes(found.revision - document.revision), `${id}: ${found.revision} after ${document.revision}`);
    assert.equal(found.data.n, found.revision);
    assert.equal((await reader.done('merge', { service, id, data: {} })).revision, found.revision + 1);
  }
});

test('a slow reader of diffs ends with the documents a fast one has', async (t) => {
  const narrow = new Server({ limits: { pendingPerConnection: '2MiB' } });
  t.after(() => narrow.dispose());
  await narrow.start();
  const service = uniqueService();
  const [writer, fast, slow] = [await SyncSession.open(t, narrow), await SyncSession.open(t, narrow), await SyncSession.open(t, narrow)];
  for (const reader of [fast, slow]) await reader.subscribe(`sync.${service}.updated`, { returnMode: 'diff' });
  slow.pause();
  const text = 'x'.repeat(20_000);
  for (let i = 0; i < 1000; i += 20) {
    writer.say(Array.from({ length: 20 }, (_, n) => ({
      type: 'sync', requestId: 'w', op: 'merge', service, id: `d${n % 4}`,
      data: { i: i + n, text: `${text}${i + n}`, [`k${(i + n) % 7}`]: i },
      ...(i + n < 4 ? { expectedRevision: 0 } : {}),
    })));
    await until(() => writer.frames.length === 20, 'the answers');
    writer.frames = [];
  }
  slow.resume();
  await until(() => slow.frames.some((frame) => told(frame.data).endsWith('250 d3')), 'the last state');
  const all = await fast.events(1000);
  await slow.settled();
  assert.equal(slow.closed, undefined);
  const some = slow.frames.map((frame) => frame.data);
  assert.ok(some.length < 1000 && some.some((event) => event.metadata.resync), `${some.length} events`);
  assert.deepEqual(views(some), views(all));
});

/// What a client makes of events of returnMode diff.
function views(events) {
  const documents = {};
  for (const { metadata, payload } of events) {
    let data = payload.data;
    if (!data) {
      const before = documents[metadata.documentId];
      assert.equal(metadata.previousRevision, before?.revision ?? 0);
      data = { ...before?.data, ...payload.diff.added };
      for (const key of Object.keys(payload.diff.removed)) delete data[key];
      for (const [key, { to }] of Object.entries(payload.diff.changed)) data[key] = to;
    }
    documents[metadata.documentId] = { revision: metadata.revision, data };
  }
  return documents;
}
