// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Subscribing, being told, and going on after a lost connection.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import type { RealtimeClient, SyncEvent } from '@freshet/client';
import { event, eventId, recorded } from '../events.js';
import { client, connected, ScriptedServer } from '../scripted.js';
import type { Frame, Peer } from '../scripted.js';
import { rejection, until, within } from '../waiting.js';

const TOPIC = 'sync.session.updated';

/** A client with one subscription that the server calls `s1`. */
async function subscribed(t: TestContext, options: Frame = {}, acknowledgement: Frame = {}) {
  const made = await connected(t);
  const id = made.realtime.subscribe({ topic: TOPIC, ...options });
  made.peer.subscribed(await made.peer.next('subscribe'), 's1', acknowledgement);
  const info = await within(made.realtime.ready(id), 'the acknowledgement');
  return { ...made, id, info };
}

/** The connection falls and comes back; what the client asks for again. */
async function fallAndReturn(
  made: { realtime: RealtimeClient; peer: Peer; server: ScriptedServer },
  fall: (peer: Peer) => void = (peer) => peer.cut(),
): Promise<{ peer: Peer; request: Frame }> {
  fall(made.peer);
  const peer = await made.server.next();
  peer.welcome();
  return { peer, request: await peer.next('subscribe') };
}

/** Everything sent before this has been received. */
async function settled(realtime: RealtimeClient, peer: Peer): Promise<void> {
  const read = realtime.sync.get('session', 'settled');
  peer.result(await peer.next('sync'), { document: {} });
  await within(read, 'the round trip');
}

test('the id is there at once; the acknowledgement says from where on nothing is missed', async (t) => {
  const { realtime, peer } = await connected(t);
  const acknowledged: string[] = [];
  realtime.on('subscribed', ({ subscriptionId }) => acknowledged.push(subscriptionId));
  const ids = [
    realtime.subscribe({ topic: TOPIC }),
    realtime.subscribe({ topic: 'sync.*.deleted', returnMode: 'diff', id: 'a' }),
  ];
  assert.deepEqual(ids, ['sub_1', 'sub_2']);
  const first = await peer.next('subscribe');
  assert.deepEqual(first, { type: 'subscribe', ref: 'sub_1', topic: TOPIC });
  const second = await peer.next('subscribe');
  const rest = { topic: 'sync.*.deleted', returnMode: 'diff', id: 'a' };
  assert.deepEqual(second, { type: 'subscribe', ref: 'sub_2', ...rest });
  peer.subscribed(second, 's2');
  peer.subscribed(first, 's1', { position: [eventId(7)] });
  assert.deepEqual(await within(realtime.ready('sub_1'), 'sub_1'), {
    subscriptionId: 'sub_1',
    topic: TOPIC,
    position: [eventId(7)],
  });
  await realtime.ready('sub_2');
  assert.deepEqual(acknowledged, ['sub_2', 'sub_1']);
});

test('every option is passed on', async (t) => {
  const { realtime, peer } = await connected(t);
  const options = {
    topic: 'sync.**',
    returnMode: 'both',
    filter: { status: 'active', n: { gt: 3 } },
    scope: 'in',
    snapshot: true,
    recover: [eventId(1)],
    echo: false,
    conflate: 250,
  } as const;
  realtime.subscribe(options);
  assert.deepEqual(await peer.next('subscribe'), { type: 'subscribe', ref: 'sub_1', ...options });
  realtime.subscribe({ topic: TOPIC, recover: eventId(2) });
  assert.deepEqual((await peer.next('subscribe'))['recover'], [eventId(2)]);
});

test('a topic is needed', async (t) => {
  const { realtime } = await connected(t);
  assert.throws(() => realtime.subscribe({ topic: '' }), { code: 'INVALID_ARGUMENT' });
});

test('listeners: of everything, of the topic, of the pattern, of the subscription', async (t) => {
  const { realtime, peer } = await connected(t);
  const id = realtime.subscribe({ topic: 'sync.*.updated' });
  const told: string[] = [];
  for (const name of ['event', `event:${TOPIC}`, 'event:sync.*.updated', `event:${id}`] as const) {
    realtime.on(name, ({ topic }) => told.push(`${name} ${topic}`));
  }
  realtime.on('event:sync.order.updated', () => assert.fail('another topic'));
  peer.subscribed(await peer.next('subscribe'), 's1');
  peer.event(event({}), 's1');
  await settled(realtime, peer);
  assert.deepEqual(told, [
    `event ${TOPIC}`,
    `event:${TOPIC} ${TOPIC}`,
    `event:sync.*.updated ${TOPIC}`,
    `event:${id} ${TOPIC}`,
  ]);
});

test('once, off, and chaining', async (t) => {
  const { realtime, peer } = await subscribed(t);
  const [once, onceOff, kept, off] = [recorded(), recorded(), recorded(), recorded()];
  realtime
    .once('event', once.listener)
    .once('event', onceOff.listener)
    .on('event', kept.listener)
    .on('event:sub_1', off.listener)
    .off('event', onceOff.listener)
    .off('event:sub_1');
  peer.event(event({ place: 1 }), 's1');
  peer.event(event({ place: 2 }), 's1');
  await settled(realtime, peer);
  assert.deepEqual(
    [once, onceOff, kept, off].map(({ revisions }) => revisions),
    [[1], [], [1, 2], []],
  );
});

test('a message for several subscriptions is one event for those who listen to the topic', async (t) => {
  const { realtime, peer } = await connected(t);
  realtime.subscribe({ topic: TOPIC });
  realtime.subscribe({ topic: TOPIC, filter: { n: 1 } });
  peer.subscribed(await peer.next('subscribe'), 's1');
  peer.subscribed(await peer.next('subscribe'), 's2');
  const [topic, first, second] = [recorded(), recorded(), recorded()];
  realtime.on(`event:${TOPIC}`, topic.listener);
  realtime.on('event:sub_1', first.listener).on('event:sub_2', second.listener);
  peer.event(event({}), 's1', 's2');
  await settled(realtime, peer);
  assert.deepEqual([topic.revisions, first.revisions, second.revisions], [[1], [1], [1]]);
});

test('after unsubscribe nothing is delivered, and the server is told', async (t) => {
  const { realtime, peer, id } = await subscribed(t);
  const { revisions, listener } = recorded();
  realtime.on('event', listener);
  realtime.unsubscribe(id);
  assert.deepEqual(await peer.next('unsubscribe'), { type: 'unsubscribe', subscriptionId: 's1' });
  peer.event(event({}), 's1');
  await settled(realtime, peer);
  assert.deepEqual(revisions, []);
  assert.equal((await rejection(realtime.ready(id))).code, 'NOT_FOUND');
  realtime.unsubscribe(id);
  realtime.unsubscribe('sub_99');
  await settled(realtime, peer);
});

test('unsubscribing before the acknowledgement: the server is told when it has come', async (t) => {
  const { realtime, peer } = await connected(t);
  const id = realtime.subscribe({ topic: TOPIC });
  const ready = rejection(realtime.ready(id));
  realtime.unsubscribe(id);
  assert.equal((await ready).code, 'NOT_FOUND');
  peer.subscribed(await peer.next('subscribe'), 's1');
  assert.equal((await peer.next('unsubscribe'))['subscriptionId'], 's1');
});

test('a refusal goes to who waits, else to the listeners of errors', async (t) => {
  const { realtime, peer } = await connected(t);
  const errors: unknown[] = [];
  realtime.on('error', ({ code, details }) => errors.push([code, details]));
  const refusal = { type: 'error', status: 403, code: 'FORBIDDEN', message: 'no' };
  const ready = rejection(realtime.ready(realtime.subscribe({ topic: TOPIC })));
  peer.send({ ...refusal, ref: (await peer.next('subscribe'))['ref'] });
  assert.equal((await ready).code, 'FORBIDDEN');
  realtime.subscribe({ topic: TOPIC });
  peer.send({ ...refusal, ref: (await peer.next('subscribe'))['ref'], details: { a: 1 } });
  await until(() => errors.length > 0, 'the error');
  assert.deepEqual(errors, [['FORBIDDEN', { subscriptionId: 'sub_2', topic: TOPIC, a: 1 }]]);
});

test('a server that is too busy for a subscription is asked again', async (t) => {
  const { realtime, peer } = await connected(t);
  const id = realtime.subscribe({ topic: TOPIC });
  for (const status of [503, 429]) {
    const { ref } = await peer.next('subscribe');
    peer.send({ type: 'error', ref, status, code: 'OVERLOADED', message: 'later' });
  }
  peer.subscribed(await peer.next('subscribe'), 's1');
  await within(realtime.ready(id), 'the acknowledgement');
});

test('after a lost connection a subscription goes on after the last event of each log', async (t) => {
  const made = await subscribed(t, {}, { position: [eventId(10, 1), eventId(20, 2)] });
  const { revisions, listener } = recorded();
  made.realtime.on('event', listener);
  made.peer.event(event({ id: eventId(11, 1), revision: 1 }), 's1');
  made.peer.event(event({ id: eventId(5, 3), revision: 2 }), 's1');
  await settled(made.realtime, made.peer);
  const { peer, request } = await fallAndReturn(made);
  assert.deepEqual(request['recover'], [eventId(11, 1), eventId(20, 2), eventId(5, 3)]);
  assert.equal(request['ref'], made.id);
  const acknowledged = within(
    new Promise((resolve) => made.realtime.once('subscribed', resolve)),
    'the event',
  );
  peer.subscribed(request, 's7', { recovered: true, position: [eventId(30, 1)] });
  peer.event(event({ id: eventId(11, 1), revision: 1 }), 's7');
  peer.event(event({ id: eventId(12, 1), revision: 3 }), 's7');
  await settled(made.realtime, peer);
  assert.deepEqual(await acknowledged, {
    subscriptionId: made.id,
    topic: TOPIC,
    position: [eventId(30, 1)],
    recovered: true,
  });
  assert.deepEqual(revisions, [1, 2, 3], 'what came before is not delivered again');
});

test('what the acknowledgement says counts once all that was missed has come', async (t) => {
  const made = await subscribed(t, {}, { position: [eventId(10)] });
  const first = await fallAndReturn(made);
  first.peer.answersPings = false;
  const position = [eventId(30), eventId(8, 2)];
  first.peer.subscribed(first.request, 's1', { recovered: true, position });
  first.peer.event(event({ place: 12 }), 's1');
  await settled(made.realtime, first.peer);
  const second = await fallAndReturn({ ...made, peer: first.peer });
  assert.deepEqual(second.request['recover'], [eventId(12)]);
  second.peer.subscribed(second.request, 's1', { recovered: true, position });
  await settled(made.realtime, second.peer);
  await settled(made.realtime, second.peer); // and the answer to what the client asked then
  const third = await fallAndReturn({ ...made, peer: second.peer });
  assert.deepEqual(third.request['recover'], position);
});

test('what cannot be told any more is a gap, and says so before anything else', async (t) => {
  const made = await subscribed(t, {}, { position: [eventId(10)] });
  const told: unknown[] = [];
  made.realtime.on('gap', ({ subscriptionId }) => told.push(subscriptionId));
  made.realtime.on('event', ({ id }) => told.push(id));
  const { peer, request } = await fallAndReturn(made);
  peer.subscribed(request, 's1', { recovered: false, position: [eventId(50, 2)] });
  peer.event(event({ id: eventId(51, 2) }), 's1');
  await settled(made.realtime, peer);
  assert.deepEqual(told, [made.id, eventId(51, 2)]);
  assert.equal((await made.realtime.ready(made.id)).recovered, false);
  const again = await fallAndReturn({ ...made, peer });
  assert.deepEqual(again.request['recover'], [eventId(51, 2)], 'the old log is forgotten');
});

test('a snapshot that was cut off is asked for again', async (t) => {
  const made = await connected(t);
  const gaps: unknown[] = [];
  made.realtime.on('gap', ({ subscriptionId }) => gaps.push(subscriptionId));
  const { revisions, listener } = recorded();
  made.realtime.on('event', listener);
  made.realtime.subscribe({ topic: TOPIC, snapshot: true });
  made.peer.answersPings = false;
  made.peer.subscribed(await made.peer.next('subscribe'), 's1', { position: [eventId(10)] });
  const snapshot = { metadata: { operation: 'snapshot' } };
  made.peer.event(event({ place: 3, ...snapshot }), 's1');
  await settled(made.realtime, made.peer);
  const { peer, request } = await fallAndReturn(made);
  assert.deepEqual([request['snapshot'], request['recover']], [true, undefined]);
  peer.subscribed(request, 's1', { position: [eventId(12)] });
  peer.event(event({ place: 3, ...snapshot }), 's1');
  peer.event(event({ place: 12, document: 'other', ...snapshot }), 's1');
  await settled(made.realtime, peer);
  assert.deepEqual(revisions, [3, 3, 12]);
  assert.deepEqual(gaps, ['sub_1'], 'what the first one brought may be gone by now');
});

test('a snapshot that has come is not asked for again', async (t) => {
  const made = await subscribed(t, { snapshot: true }, { position: [eventId(10)] });
  await settled(made.realtime, made.peer);
  const { request } = await fallAndReturn(made);
  assert.deepEqual(request['recover'], [eventId(10)]);
});

test('a change after the snapshot shows that it has come', async (t) => {
  const made = await connected(t);
  made.realtime.subscribe({ topic: TOPIC, snapshot: true });
  made.peer.answersPings = false;
  made.peer.subscribed(await made.peer.next('subscribe'), 's1', { position: [eventId(10)] });
  made.peer.event(event({ place: 11 }), 's1');
  await settled(made.realtime, made.peer);
  const { request } = await fallAndReturn(made);
  assert.deepEqual(request['recover'], [eventId(11)]);
});

test('newest states for a slow reader do not move the place to go on from', async (t) => {
  const made = await subscribed(t, {}, { position: [eventId(10)] });
  const { revisions, listener } = recorded();
  made.realtime.on('event', listener);
  const resync = { metadata: { resync: true } };
  made.peer.event(event({ place: 15, revision: 5, document: 'a', ...resync }), 's1');
  made.peer.event(event({ place: 12, revision: 7, document: 'b', ...resync }), 's1');
  await settled(made.realtime, made.peer);
  const { peer, request } = await fallAndReturn(made);
  assert.deepEqual(request['recover'], [eventId(10)]);
  peer.subscribed(request, 's1', { recovered: true, position: [] });
  for (const [place, revision, document] of [
    [11, 4, 'a'],
    [12, 7, 'b'],
    [15, 5, 'a'],
    [16, 6, 'a'],
    [17, 8, 'b'],
  ] as const) {
    peer.event(event({ place, revision, document }), 's1');
  }
  await settled(made.realtime, peer);
  assert.deepEqual(revisions, [5, 7, 6, 8], 'each document only goes forward');
  const again = await fallAndReturn({ ...made, peer });
  assert.deepEqual(again.request['recover'], [eventId(17)]);
});

test('two subscriptions that catch up separately tell a topic of an event once', async (t) => {
  const { server, realtime, peer } = await connected(t);
  realtime.subscribe({ topic: TOPIC });
  realtime.subscribe({ topic: 'sync.session.*' });
  for (const id of ['s1', 's2']) {
    peer.subscribed(await peer.next('subscribe'), id, { position: [eventId(10)] });
  }
  const [topic, pattern, first, second] = [recorded(), recorded(), recorded(), recorded()];
  realtime.on(`event:${TOPIC}`, topic.listener).on('event:sync.session.*', pattern.listener);
  realtime.on('event:sub_1', first.listener).on('event:sub_2', second.listener);
  peer.cut();
  const next = await server.next();
  next.welcome();
  for (const id of ['s1', 's2']) {
    next.subscribed(await next.next('subscribe'), id, { recovered: true });
    next.event(event({ place: 11 }), id);
    next.event(event({ place: 12 }), id);
  }
  await settled(realtime, next);
  for (const each of [topic, pattern, first, second]) assert.deepEqual(each.revisions, [11, 12]);
});

test('events of different modes are different events', async (t) => {
  const { realtime, peer } = await connected(t);
  const modes: unknown[] = [];
  realtime.on(`event:${TOPIC}`, ({ metadata }) => modes.push(metadata.returnMode));
  realtime.subscribe({ topic: TOPIC });
  realtime.subscribe({ topic: TOPIC, returnMode: 'diff' });
  peer.subscribed(await peer.next('subscribe'), 's1');
  peer.subscribed(await peer.next('subscribe'), 's2');
  peer.event(event({}), 's1');
  peer.event(event({ metadata: { returnMode: 'diff' } }), 's2');
  await settled(realtime, peer);
  assert.deepEqual(modes, ['full', 'diff']);
});

test('disconnect() and connect() keep subscriptions', async (t) => {
  const { server, realtime, id } = await subscribed(t, {}, { position: [eventId(10)] });
  realtime.disconnect();
  const back = realtime.connect();
  const peer = await server.next();
  peer.welcome();
  await within(back, 'the welcome');
  const request = await peer.next('subscribe');
  assert.deepEqual([request['ref'], request['recover']], [id, [eventId(10)]]);
});

test('subscribing without a connection waits for one', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { autoConnect: false });
  const id = realtime.subscribe({ topic: TOPIC });
  const ready = realtime.ready(id);
  void realtime.connect();
  const peer = await server.next();
  peer.welcome();
  peer.subscribed(await peer.next('subscribe'), 's1');
  await within(ready, 'the acknowledgement');
});

test('a listener that throws stops neither the others nor the client', async (t) => {
  const { realtime, peer } = await subscribed(t);
  const thrown: (() => void)[] = [];
  t.mock.method(globalThis, 'queueMicrotask', (task: () => void) => thrown.push(task));
  const { revisions, listener } = recorded();
  realtime.on('event', () => {
    throw new Error('a bug in the program');
  });
  realtime.on('event', listener);
  peer.event(event({ place: 1 }), 's1');
  peer.event(event({ place: 2 }), 's1');
  await settled(realtime, peer);
  assert.deepEqual(revisions, [1, 2]);
  assert.equal(thrown.length, 2);
  assert.throws(() => thrown[0]?.(), /a bug in the program/);
});

test('events of typed documents', async (t) => {
  interface Session {
    status: string;
    participants: number;
  }
  const { realtime, peer } = await subscribed(t, { returnMode: 'diff' });
  const seen: string[] = [];
  realtime.on(`event:${TOPIC}`, (diff: SyncEvent<Session, 'diff'>) => {
    seen.push(...Object.keys(diff.payload.diff.changed));
  });
  const diff = { added: {}, removed: {}, changed: { status: { from: 'a', to: 'b' } } };
  peer.event(event({ payload: { data: undefined, diff } }), 's1');
  await settled(realtime, peer);
  assert.deepEqual(seen, ['status']);
});
