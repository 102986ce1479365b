// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a client finds when it comes back: after a cut connection, a restart, a crash.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { RealtimeClient, SyncEvent } from '@freshet/client';
import { rounds } from '../rounds.js';
import { until, within } from '../waiting.js';
import { connect, relay, serverForThisFile, serverForThisTest, unique } from './server.js';

const server = await serverForThisFile();

function seenBy(realtime: RealtimeClient, topic: string): { readonly events: SyncEvent[] } {
  const events: SyncEvent[] = [];
  realtime.on(`event:${topic}`, (event) => events.push(event));
  return { events };
}

const short = ({ metadata }: SyncEvent) =>
  `${metadata.operation} ${metadata.documentId} ${metadata.revision}`;

test('after a cut a subscriber has seen what one has seen that was never away', async (t) => {
  const line = await relay(t, server);
  const [away, present, writer] = [
    await connect(t, line),
    await connect(t, server),
    await connect(t, server),
  ];
  const gaps: unknown[] = [];
  away.on('gap', (info) => gaps.push(info));
  const service = unique();
  const topic = `sync.${service}.updated`;
  const logs = [away, present].map((realtime) => seenBy(realtime, topic));
  for (const realtime of [away, present]) {
    await within(realtime.ready(realtime.subscribe({ topic })), 'the acknowledgement');
  }
  for (let round = 0; round < 5; round++) {
    await writer.sync.create(service, { n: 0 }, `d${round}`);
    line.cut();
    await until(() => away.state === 'reconnecting', 'the loss');
    for (let i = 0; i <= round; i++) await writer.sync.mutate(service, `d${i}`, { n: { $inc: 1 } });
    if (round % 2 === 1) await writer.sync.delete(service, `d${round}`);
    line.heal();
    if (round % 2 === 0) await until(() => away.state === 'connected', 'the return');
    if (round % 2 === 1) await writer.sync.create(service, { again: true }, `d${round}`);
  }
  await writer.sync.create(service, {}, 'last');
  for (const { events } of logs) {
    await until(() => events.at(-1)?.metadata.documentId === 'last', 'the last event');
  }
  const [seenAway, seenPresent] = logs.map(({ events }) => events.map(short));
  assert.deepEqual(seenAway, seenPresent);
  assert.deepEqual(gaps, []);
});

test('after a restart of the server subscriptions go on, and nothing is missed', async (t) => {
  const own = await serverForThisTest(t);
  const realtime = await connect(t, own);
  const service = unique();
  const topic = `sync.${service}.updated`;
  const { events } = seenBy(realtime, topic);
  await within(realtime.ready(realtime.subscribe({ topic })), 'the acknowledgement');
  await realtime.sync.create(service, { n: 1 }, 'a');
  await until(() => events.length >= 1, 'the creation');
  await own.stop();
  const write = realtime.sync.merge(service, 'a', { n: 2 });
  await own.start();
  assert.equal((await within(write, 'a write made while it was away')).revision, 2);
  await until(() => events.length >= 2, 'its event');
  assert.deepEqual(events.map(short), ['create a 1', 'merge a 2']);
});

test('kill -9: what was acknowledged is there, what was not is done once', async (t) => {
  const own = await serverForThisTest(t);
  const realtime = await connect(t, own);
  const service = unique();
  await realtime.sync.create(service, { n: 0 }, 'a');
  const { events } = seenBy(realtime, `sync.${service}.updated`);
  realtime.subscribe({ topic: `sync.${service}.updated` });
  const writes = Array.from({ length: 300 }, () =>
    realtime.sync.mutate(service, 'a', { n: { $inc: 1 } }),
  );
  await writes[99];
  await own.kill();
  await own.start();
  const documents = await within(Promise.all(writes), 'all writes');
  const revisions = documents.map(({ revision }) => revision);
  assert.deepEqual(
    revisions,
    Array.from({ length: 300 }, (_, i) => i + 2),
  );
  assert.deepEqual((await realtime.sync.get(service, 'a')).data, { n: 300 });
  await until(() => events.at(-1)?.metadata.revision === 301, 'the last event');
  assert.deepEqual(
    events.map(({ metadata }) => metadata.revision),
    Array.from({ length: events.length }, (_, i) => i + 302 - events.length),
  );
});

rounds('writes go through however often the line is cut, each of them once', async (random) => {
  const releases: (() => void)[] = [];
  const t = { after: (release: () => void) => releases.push(release) } as unknown as Parameters<
    typeof relay
  >[0];
  try {
    const line = await relay(t, server);
    const realtime = await connect(t, line);
    const service = unique();
    await realtime.sync.create(service, { n: 0 }, 'a');
    const { events } = seenBy(realtime, `sync.${service}.updated`);
    const id = realtime.subscribe({ topic: `sync.${service}.updated` });
    await within(realtime.ready(id), 'the acknowledgement');
    let written = 0;
    for (let cut = 0; cut < 8; cut++) {
      const writes = Array.from({ length: 1 + random(40) }, () =>
        realtime.sync.mutate(service, 'a', { n: { $inc: 1 } }),
      );
      await writes[random(writes.length)];
      line.cut();
      line.heal();
      written += (await within(Promise.all(writes), 'the writes')).length;
    }
    assert.deepEqual((await realtime.sync.get(service, 'a')).data, { n: written });
    await until(() => events.length >= written, 'all events');
    assert.deepEqual(
      events.map(({ metadata }) => metadata.revision),
      Array.from({ length: written }, (_, i) => i + 2),
    );
  } finally {
    releases.forEach((release) => release());
  }
});
