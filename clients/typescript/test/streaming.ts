// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What the unit tests of change streams share.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Change, ChangeStream, RealtimeClient } from '@freshet/client';
import { eventId } from './events.js';
import { connected, ScriptedServer } from './scripted.js';
import type { Peer } from './scripted.js';
import { later, until, within } from './waiting.js';

export type User = { id: string; n: number };
export type Users = ChangeStream<Change<User>>;

export const ASKED = { type: 'stream', ref: 'st_1', collection: 'User' };

/** A client and the stream it asked for first, which the server calls `s1`. */
export async function streaming(
  t: TestContext,
  open: (realtime: RealtimeClient) => Users = named,
  resumedAfter: string | null = null,
) {
  const made = await connected(t);
  const stream = open(made.realtime);
  const request = await made.peer.next('stream');
  made.peer.streaming(request, 's1', resumedAfter);
  await within(stream.ready(), 'the stream');
  return { ...made, stream, request };
}

export function named(realtime: RealtimeClient): Users {
  return realtime.collection<User>('User').stream({ name: 'all' });
}

export function unnamed(realtime: RealtimeClient): Users {
  return realtime.collection<User>('User').stream();
}

export function live(realtime: RealtimeClient): Users {
  return realtime.collection<User>('User').subscribe();
}

/** A loop whose body ends when the test says so. */
export function reader(stream: Users) {
  const taken: number[] = [];
  let release: () => void = () => {};
  let isLeaving = false;
  const done = (async () => {
    for await (const each of stream) {
      taken.push(placeOf(each));
      const body = later<void>();
      release = () => body.resolve();
      await body.promise;
      if (isLeaving) break;
    }
  })();
  done.catch(() => {}); // whoever asks is told
  return {
    taken,
    done,
    takes: (count: number) => until(() => taken.length === count, `change ${count}`),
    release: () => release(),
    leave: () => {
      isLeaving = true;
      release();
    },
  };
}

/** A loop whose body does nothing. */
export function collector(stream: Users) {
  const taken: number[] = [];
  const done = (async () => {
    for await (const each of stream) taken.push(placeOf(each));
  })();
  done.catch(() => {});
  return { taken, done, takes: (n: number) => until(() => taken.length === n, `${n} changes`) };
}

export function placeOf(each: Change<User>): number {
  return each.action === 'create' ? each.created.n : assert.fail(each.action);
}

export const ack = (place: number) => ({ type: 'ack', streamId: 's1', id: eventId(place) });
export const stop = { type: 'stop', streamId: 's1' };

export async function fallAndReturn(made: { peer: Peer; server: ScriptedServer }): Promise<Peer> {
  made.peer.cut();
  const peer = await made.server.next();
  peer.welcome();
  return peer;
}

/** Everything sent before this, either way, has been received; nothing else has come. */
export async function settled(realtime: RealtimeClient, peer: Peer): Promise<void> {
  const read = realtime.sync.get('session', 'settled');
  peer.result(await peer.next('sync'), { document: {} });
  await within(read, 'the round trip');
}
