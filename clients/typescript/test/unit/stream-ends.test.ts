// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// How change streams end, and what begins them again.
import assert from 'node:assert/strict';
import test from 'node:test';
import { change, eventId } from '../events.js';
import { client, connected, ScriptedServer } from '../scripted.js';
import type { Frame } from '../scripted.js';
import { collector, named, reader, settled, streaming, unnamed } from '../streaming.js';
import { rejection, until, within } from '../waiting.js';

test('a refusal ends the stream, and nothing but the stream', async (t) => {
  const { realtime, peer } = await connected(t);
  const errors: unknown[] = [];
  realtime.on('error', (error) => errors.push(error));
  const stream = named(realtime);
  const loop = collector(stream);
  const ready = rejection(stream.ready());
  const { ref } = await peer.next('stream');
  const error = { code: 'NAME_IN_USE', status: 409, message: 'conflict: all is read already' };
  peer.send({ type: 'error', ref, ...error });
  const told = [await ready, await rejection(loop.done), await rejection(stream.ready())];
  for (const { code, status, message } of told) {
    assert.deepEqual({ code, status, message }, error);
  }
  await within(stream.stop(), 'the place');
  await settled(realtime, peer);
  assert.deepEqual(errors, []);
});

test('an error in the middle ends a named stream at once: what waits belongs to its next reader', async (t) => {
  const { realtime, peer, stream } = await streaming(t);
  const loop = reader(stream);
  peer.changes('s1', change(1), change(2));
  await loop.takes(1);
  peer.send({
    type: 'error',
    streamId: 's1',
    code: 'NAME_IN_USE',
    status: 409,
    message: 'conflict',
  });
  peer.send({ type: 'stopped', streamId: 's1' });
  await settled(realtime, peer);
  loop.release();
  assert.equal((await rejection(loop.done)).code, 'NAME_IN_USE');
  assert.deepEqual(loop.taken, [1]);
  await settled(realtime, peer);
});

test('without a name, an error comes behind what came before it, and once', async (t) => {
  const { realtime, peer, stream } = await streaming(t, unnamed);
  const details = { from: 'a', to: 'b' };
  peer.changes('s1', change(1), change(2));
  peer.send({ type: 'error', streamId: 's1', code: 'CURSOR_EXPIRED', status: 410, details });
  peer.send({ type: 'stopped', streamId: 's1' });
  await settled(realtime, peer);
  const loop = stream[Symbol.asyncIterator]();
  assert.equal((await loop.next()).value?.id, eventId(1));
  assert.equal((await loop.next()).value?.id, eventId(2));
  const error = await rejection(loop.next());
  assert.deepEqual([error.code, error.status, error.details], ['CURSOR_EXPIRED', 410, details]);
  assert.deepEqual(await loop.next(), { done: true, value: undefined });
});

test('a stream the server stops without a word ends with an error', async (t) => {
  const { peer, stream } = await streaming(t);
  const loop = collector(stream);
  peer.send({ type: 'stopped', streamId: 's1' });
  assert.equal((await rejection(loop.done)).code, 'UNAVAILABLE');
});

test('a server that is too busy for a stream is asked again', async (t) => {
  const { realtime, peer } = await connected(t);
  const stream = named(realtime);
  for (const [code, status] of [
    ['OVERLOADED', 503],
    ['RATE_LIMITED', 429],
  ] as const) {
    const { ref } = await peer.next('stream');
    peer.send({ type: 'error', ref, code, status, message: 'later', retryAfterMs: 1 });
  }
  peer.streaming(await peer.next('stream'), 's1');
  await within(stream.ready(), 'the stream');
});

test('a limit that is reached is no reason to ask again', async (t) => {
  const { realtime, peer } = await connected(t);
  const ready = rejection(named(realtime).ready());
  const { ref } = await peer.next('stream');
  peer.send({ type: 'error', ref, code: 'LIMIT_REACHED', status: 429, message: 'enough' });
  assert.equal((await ready).code, 'LIMIT_REACHED');
  await settled(realtime, peer);
});

test('stopped while it waits to be asked for again', async (t) => {
  const { realtime, peer } = await connected(t);
  const stream = named(realtime);
  const { ref } = await peer.next('stream');
  const busy = { type: 'error', ref, code: 'OVERLOADED', status: 503, message: 'later' };
  peer.send({ ...busy, retryAfterMs: 50 });
  await settled(realtime, peer);
  await within(stream.stop(), 'the place');
  const other = named(realtime);
  const request = await peer.next('stream');
  void other.stop();
  peer.send({ ...busy, ref: request['ref'] });
  await within(other.stop(), 'the place');
  await settled(realtime, peer);
});

test('disconnect() ends the loops, quietly', async (t) => {
  const { realtime, server, stream } = await streaming(t);
  const loop = collector(stream);
  realtime.disconnect();
  await within(loop.done, 'the end of the loop');
  await within(stream.stop(), 'the place');
  const connecting = realtime.connect();
  const peer = await server.next();
  peer.welcome();
  await connecting;
  await settled(realtime, peer);
});

test('giving up ends the loops with the reason', async (t) => {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, { reconnectionAttempts: 1 });
  realtime.on('error', () => {});
  const stream = named(realtime);
  const loop = collector(stream);
  const ready = rejection(stream.ready());
  server.stop();
  assert.equal((await rejection(loop.done)).code, 'UNAVAILABLE');
  assert.equal((await ready).code, 'UNAVAILABLE');
});

test('a stream is read by one loop, once', async (t) => {
  const { stream, peer } = await streaming(t);
  const loop = stream[Symbol.asyncIterator]();
  assert.throws(() => stream[Symbol.asyncIterator](), { code: 'INVALID_ARGUMENT' });
  const first = loop.next();
  assert.equal((await rejection(loop.next())).code, 'INVALID_ARGUMENT');
  peer.changes('s1', change(1));
  assert.equal((await within(first, 'the change')).value?.id, eventId(1));
});

test('several streams of one client, each with its own changes', async (t) => {
  const { realtime, peer } = await connected(t);
  const streams = [named(realtime), unnamed(realtime)];
  const requests: Frame[] = [await peer.next('stream'), await peer.next('stream')];
  peer.streaming(requests[1]!, 's2');
  peer.streaming(requests[0]!, 's1');
  const loops = streams.map(collector);
  peer.changes('s1', change(1));
  peer.changes('s2', change(2));
  peer.changes('s3', change(3));
  await until(() => loops.every(({ taken }) => taken.length === 1), 'a change each');
  assert.deepEqual(
    loops.map(({ taken }) => taken),
    [[1], [2]],
  );
});
