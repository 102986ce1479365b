// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Change streams against a scripted server: what is asked, handed out, acknowledged and taken up again.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { StreamLag } from '@freshet/client';
import { change, eventId } from '../events.js';
import { client, connected, ScriptedServer } from '../scripted.js';
import {
  ASKED,
  ack,
  collector,
  fallAndReturn,
  live,
  named,
  placeOf,
  reader,
  settled,
  stop,
  streaming,
  unnamed,
} from '../streaming.js';
import type { User } from '../streaming.js';
import { rejection, until, within } from '../waiting.js';

test('what is asked of the server', async (t) => {
  const { realtime, peer } = await connected(t);
  const users = realtime.collection<User>('User');
  assert.equal(users.name, 'User');
  users.stream();
  assert.deepEqual(await peer.next('stream'), { ...ASKED, window: 256 });
  users.stream({ name: 'all' });
  assert.deepEqual(await peer.next('stream'), { ...ASKED, ref: 'st_2', name: 'all' });
  const options = {
    name: 'new',
    create: { n: { gt: 3 }, OR: [{ id: 'a' }] },
    update: { after: { id: { startsWith: 'a' } } },
    delete: {},
    from: 'earliest',
    window: 16,
  };
  users.stream({ ...options, onLag: () => {} });
  assert.deepEqual(await peer.next('stream'), { ...ASKED, ref: 'st_3', ...options });
  users.subscribe({ create: {}, onLag: () => {} });
  const subscribe = { ...ASKED, ref: 'st_4', mode: 'subscribe', create: {} };
  assert.deepEqual(await peer.next('stream'), subscribe);
});

test('what was asked for before there was a connection is asked for in its order', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server);
  const id = realtime.subscribe({ topic: 'sync.a.updated' });
  const stream = named(realtime);
  void realtime.sync.get('session', 'a').catch(() => {});
  const peer = await server.next();
  peer.welcome();
  assert.equal((await peer.next('subscribe'))['ref'], id);
  const request = await peer.next('stream');
  await peer.next('sync');
  peer.streaming(request, 's1', eventId(7));
  const info = { resumedAfter: eventId(7), resumed: true };
  assert.deepEqual(await within(stream.ready(), 'the stream'), info);
  assert.deepEqual(await stream.ready(), info);
});

test('changes come as they are, in order', async (t) => {
  const { peer, stream } = await streaming(t);
  const loop = stream[Symbol.asyncIterator]();
  const events = [
    change(1),
    change(2, { action: 'update', before: null, after: { n: 2 } }),
    change(3, { action: 'delete', deleted: { id: 'u3' } }),
  ];
  const first = loop.next();
  peer.changes('s1', ...events);
  const values = [await first, await loop.next(), await loop.next()].map(({ value }) => value);
  assert.deepEqual(values, events);
});

test('numbers are exact where they are asked to be', async (t) => {
  const { realtime, peer } = await connected(t, { numbers: 'exact' });
  const stream = realtime.collection('User').stream({ create: {} });
  const { ref } = await peer.next('stream');
  peer.send({ type: 'streaming', ref, streamId: 's1', resumedAfter: null });
  const created = '{"big":9007199254740993}';
  peer.sendText(
    `{"type":"change","streamId":"s1","event":{"id":"${eventId(1)}","action":"create","created":${created}}}`,
  );
  const { value } = await within(stream[Symbol.asyncIterator]().next(), 'the change');
  assert.deepEqual(value?.created, { big: 9007199254740993n });
});

test('a change is acknowledged when its loop body has ended', async (t) => {
  const { realtime, peer, stream } = await streaming(t);
  const loop = reader(stream);
  peer.changes('s1', change(1));
  await loop.takes(1);
  await settled(realtime, peer);
  loop.release();
  assert.deepEqual(await peer.next('ack'), ack(1));
  peer.changes('s1', change(2));
  await loop.takes(2);
  await settled(realtime, peer);
});

test('leaving the loop stops the stream without acknowledging what is in hand', async (t) => {
  const { peer, stream } = await streaming(t);
  const loop = reader(stream);
  peer.changes('s1', change(1), change(2), change(3));
  await loop.takes(1);
  loop.release();
  await loop.takes(2);
  loop.leave();
  assert.deepEqual(await peer.next('ack'), ack(1));
  assert.deepEqual(await peer.next('stop'), stop);
  let isLeft = false;
  void loop.done.then(() => (isLeft = true));
  peer.changes('s1', change(4));
  await until(() => peer.unread === 0, 'nothing more');
  assert.equal(isLeft, false, 'the place is not free yet');
  peer.send({ type: 'stopped', streamId: 's1' });
  await within(loop.done, 'the end of the loop');
  assert.deepEqual(loop.taken, [1, 2]);
});

test('an error in the body leaves the loop just so', async (t) => {
  const { peer, stream } = await streaming(t);
  const failure = new Error('of the body');
  const loop = (async () => {
    for await (const each of stream) if (placeOf(each) === 2) throw failure;
  })();
  const failed = assert.rejects(loop, failure);
  peer.changes('s1', change(1), change(2));
  assert.deepEqual(await peer.next('ack'), ack(1));
  await peer.next('stop');
  peer.send({ type: 'stopped', streamId: 's1' });
  await within(failed, 'the error');
});

test('what is handled at once is acknowledged together, and never more than that', async (t) => {
  const { realtime, peer, stream } = await streaming(t);
  const loop = collector(stream);
  const places = Array.from({ length: 100 }, (_, i) => i + 1);
  peer.changes('s1', ...places.map((place) => change(place)));
  let acknowledged = 0;
  let frames = 0;
  while (acknowledged < 100) {
    const { id } = await peer.next('ack');
    const place = places.find((each) => eventId(each) === id) ?? 0;
    assert.ok(place > acknowledged && place <= loop.taken.length);
    acknowledged = place;
    frames++;
  }
  assert.ok(frames <= 8, `${frames} acknowledgements`);
  await settled(realtime, peer);
});

test('a small window is opened again early enough', async (t) => {
  const { peer, stream } = await streaming(t, (realtime) =>
    realtime.collection<User>('User').stream({ window: 4 }),
  );
  collector(stream);
  peer.changes('s1', change(1), change(2), change(3), change(4));
  assert.deepEqual(await peer.next('ack'), ack(2));
});

test('a long loop body does not hold back the acknowledgement of earlier ones', async (t) => {
  const { peer, stream } = await streaming(t);
  const loop = reader(stream);
  peer.changes('s1', change(1), change(2), change(3));
  await loop.takes(1);
  loop.release();
  await loop.takes(2);
  assert.deepEqual(await peer.next('ack'), ack(1));
});

test('acknowledge says it before the body has ended, and stop() then loses nothing', async (t) => {
  const { peer, stream } = await streaming(t);
  const loop = reader(stream);
  peer.changes('s1', change(1), change(2));
  await loop.takes(1);
  stream.acknowledge(eventId(1));
  assert.deepEqual(await peer.next('ack'), ack(1));
  void stream.stop();
  assert.deepEqual(await peer.next('stop'), stop);
  stream.acknowledge(eventId(2));
  loop.release();
  await within(loop.done, 'the end of the loop');
  assert.deepEqual(loop.taken, [1]);
  peer.send({ type: 'stopped', streamId: 's1' });
  await within(stream.stop(), 'the place');
  assert.equal(peer.unread, 0);
});

test('stop() ends a loop that waits', async (t) => {
  const { realtime, peer, stream } = await streaming(t);
  const loop = collector(stream);
  peer.changes('s1', change(1));
  assert.deepEqual(await peer.next('ack'), ack(1));
  const stopped = stream.stop();
  await within(loop.done, 'the end of the loop');
  assert.deepEqual(await peer.next('stop'), stop);
  peer.send({ type: 'stopped', streamId: 's1' });
  await within(stopped, 'the place');
  assert.equal((await rejection(stream.ready().then(() => {}))).code, 'NOT_FOUND');
  await settled(realtime, peer);
});

test('stop() before the server has answered stops it as soon as it has', async (t) => {
  const { realtime, peer } = await connected(t);
  const stream = named(realtime);
  const ready = rejection(stream.ready());
  const stopped = stream.stop();
  assert.equal((await ready).code, 'NOT_FOUND');
  const request = await peer.next('stream');
  await settled(realtime, peer);
  peer.streaming(request, 's1');
  assert.deepEqual(await peer.next('stop'), stop);
  peer.changes('s1', change(1));
  peer.send({ type: 'stopped', streamId: 's1' });
  await within(stopped, 'the place');
  await within(collector(stream).done, 'the end');
});

test('stop() without a connection is done at once, and nothing is asked for later', async (t) => {
  const made = await streaming(t);
  const { realtime, server, stream } = made;
  made.peer.cut();
  await until(() => realtime.state === 'reconnecting', 'the loss');
  await within(stream.stop(), 'the place');
  const peer = await server.next();
  peer.welcome();
  await settled(realtime, peer);
});

test('a connection that falls frees what was being stopped', async (t) => {
  const made = await streaming(t);
  const early = named(made.realtime);
  const stopped = [made.stream.stop(), early.stop()];
  await made.peer.next('stream');
  await made.peer.next('stop');
  const peer = await fallAndReturn(made);
  await within(Promise.all(stopped), 'the places');
  await settled(made.realtime, peer);
});

test('a named stream goes on: what was handled is not handed out again, and is acknowledged again', async (t) => {
  const made = await streaming(t);
  const loop = reader(made.stream);
  made.peer.changes('s1', change(1), change(2), change(3), change(4));
  await loop.takes(1);
  loop.release();
  await loop.takes(2);
  loop.release();
  await loop.takes(3); // 1 and 2 are handled, 3 is in hand, 4 waits
  const peer = await fallAndReturn(made);
  const request = await peer.next('stream');
  assert.deepEqual(request, { ...ASKED, name: 'all', from: eventId(2) });
  peer.streaming(request, 's1');
  peer.changes('s1', change(1), change(2), change(3), change(4), change(5));
  assert.deepEqual(await peer.next('ack'), ack(2));
  loop.release();
  await loop.takes(4);
  loop.release();
  await loop.takes(5);
  loop.release();
  let last: unknown;
  while (last !== eventId(5)) last = (await peer.next('ack'))['id'];
  assert.deepEqual(loop.taken, [1, 2, 3, 4, 5]);
});

test('duplicates that are all handled are acknowledged one window after the other', async (t) => {
  const made = await streaming(t, (realtime) =>
    realtime.collection<User>('User').stream({ name: 'all', window: 2 }),
  );
  const loop = collector(made.stream);
  for (const place of [1, 3, 5]) {
    made.peer.changes('s1', change(place), change(place + 1));
    await loop.takes(place + 1);
    await made.peer.next('ack');
    await made.peer.next('ack');
  }
  // The server has lost all of that, and sends two at a time.
  const peer = await fallAndReturn(made);
  peer.streaming(await peer.next('stream'), 's1');
  for (const place of [1, 3, 5, 7]) {
    peer.changes('s1', change(place), change(place + 1));
    let last: unknown;
    while (last !== eventId(place + 1)) last = (await peer.next('ack'))['id'];
  }
  assert.deepEqual(loop.taken, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a stream without a name goes on after what was handed out last', async (t) => {
  const made = await streaming(t, unnamed);
  const loop = reader(made.stream);
  made.peer.changes('s1', change(1), change(2), change(3));
  await loop.takes(1);
  loop.release();
  await loop.takes(2);
  const peer = await fallAndReturn(made);
  const request = await peer.next('stream');
  assert.deepEqual(request, { ...ASKED, window: 256, from: eventId(2) });
  peer.streaming(request, 's1');
  peer.changes('s1', change(3), change(4));
  for (const count of [3, 4]) {
    loop.release();
    await loop.takes(count);
  }
  assert.deepEqual(loop.taken, [1, 2, 3, 4]);
});

test('a stream that has seen nothing goes on where it began', async (t) => {
  const made = await streaming(t, unnamed, eventId(9));
  const peer = await fallAndReturn(made);
  assert.equal((await peer.next('stream'))['from'], eventId(9));
});

test('what came and was not handed out comes again from there, too', async (t) => {
  const made = await streaming(t, unnamed, eventId(9));
  made.peer.changes('s1', change(10));
  await settled(made.realtime, made.peer);
  const peer = await fallAndReturn(made);
  const request = await peer.next('stream');
  assert.equal(request['from'], eventId(9));
  peer.streaming(request, 's1', eventId(9));
  peer.changes('s1', change(10));
  const loop = collector(made.stream);
  assert.deepEqual(await peer.next('ack'), ack(10));
  await settled(made.realtime, peer);
  assert.deepEqual(loop.taken, [10]);
});

test('a live subscription is asked for again, acknowledges nothing, and keeps what has come', async (t) => {
  const made = await streaming(t, live);
  made.peer.changes('s1', change(2), change(1), change(1));
  await settled(made.realtime, made.peer);
  const peer = await fallAndReturn(made);
  const request = await peer.next('stream');
  assert.deepEqual(request, { ...ASKED, mode: 'subscribe' });
  peer.streaming(request, 's9');
  peer.changes('s9', change(5));
  const loop = collector(made.stream);
  await loop.takes(4);
  assert.deepEqual(loop.taken, [2, 1, 1, 5]);
  made.stream.acknowledge(eventId(5));
  await settled(made.realtime, peer);
});

test('what a live subscription has no room for is dropped, counted and told', async (t) => {
  const lags: StreamLag[] = [];
  const { realtime, peer, stream } = await streaming(t, (each) =>
    each.collection<User>('User').subscribe({ onLag: (lag) => lags.push(lag) }),
  );
  const places = Array.from({ length: 10_005 }, (_, i) => i + 1);
  peer.changes('s1', ...places.map((place) => change(place)));
  peer.send({ type: 'streamState', streamId: 's1', lagEvents: 1, lagMs: 2, dropped: 3 });
  peer.changes('s1', change(20_000));
  await settled(realtime, peer);
  const loop = collector(stream);
  await loop.takes(10_000);
  assert.equal(loop.taken.at(-1), 10_000);
  assert.deepEqual(lags, [
    { lagEvents: 1, lagMs: 2, dropped: 8 },
    { lagEvents: 1, lagMs: 2, dropped: 9 },
  ]);
});

test('onLag is told what the server says; an error in it stops nothing', async (t) => {
  const lags: StreamLag[] = [];
  const { realtime, peer } = await streaming(t, (each) =>
    each.collection<User>('User').stream({
      onLag: (lag) => {
        lags.push(lag);
        if (lags.length === 1) throw new Error('of the listener');
      },
    }),
  );
  const thrown: (() => void)[] = [];
  t.mock.method(globalThis, 'queueMicrotask', (task: () => void) => thrown.push(task));
  const lag = { lagEvents: 9, lagMs: 1200, dropped: 0 };
  for (const lagMs of [1200, 1300]) {
    peer.send({ type: 'streamState', streamId: 's1', ...lag, lagMs });
  }
  await settled(realtime, peer);
  assert.throws(() => thrown[0]?.(), /of the listener/);
  assert.deepEqual(lags, [lag, { ...lag, lagMs: 1300 }]);
});
