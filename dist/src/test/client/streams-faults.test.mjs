// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A consumer of a named stream, and its server, are killed at random: what the consumer has
// processed, each event counted once, is the log.
import assert from 'node:assert/strict';
import test from 'node:test';
import WebSocket from 'ws';
import { random, seeds } from './dice.mjs';
import { Server } from './server.mjs';

const FULL = Number(process.env.FRESHET_ROUNDS ?? 1) > 1;
const CHANGES = FULL ? 100_000 : 3_000;
const SERVER_KILLS = FULL ? 5 : 2;
const CONSUMER_KILLS = 6;
const WINDOW = 128;
// What is under way together waits for the disk once: with few of them a run would mostly measure the disk.
const WRITES_AT_ONCE = FULL ? 256 : 32;
const ROUND_MS = 600_000;
const NAME = 'through-everything';
const COLLECTION = 'orders';
const LAST = 'the-last-one';

/// A socket that hands over frames and says when it is gone.
function dial(server, onFrame) {
  return new Promise((resolve) => {
    const socket = new WebSocket(server.syncUrl);
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'welcome') resolve(socket);
      else onFrame(frame, socket);
    });
  });
}

const say = (socket, frame) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// Writes until so many writes are acknowledged, over every kill of the server. What is refused
/// (nothing there to change, or something there already) is tried with another document.
async function write(server, roll, progress) {
  let last = 0;
  const one = (socket) => {
    const id = `o${roll(CHANGES / 20)}`;
    const op = ['create', 'merge', 'merge', 'merge', 'delete'][roll(5)];
    const data = op === 'delete' ? {} : { data: { n: last } };
    say(socket, { type: 'sync', requestId: `r${++last}`, op, service: COLLECTION, id, ...data });
  };
  while (progress.acknowledged < CHANGES && !progress.stop) {
    const socket = await dial(server, (frame, open) => {
      if (frame.type === 'result' && ++progress.acknowledged >= CHANGES) open.close();
      else one(open);
    });
    if (!socket) {
      await pause(20);
      continue;
    }
    for (let i = 0; i < WRITES_AT_ONCE; i++) one(socket);
    await new Promise((resolve) => socket.on('close', resolve));
  }
}

/// Processes events until it is told to stop, over every kill of the server and its own.
async function consume(server, roll, progress) {
  while (!progress.stop) {
    let streamId;
    let unacknowledged = 0;
    const socket = await dial(server, (frame, open) => {
      if (frame.type === 'streaming') streamId = frame.streamId;
      if (frame.type === 'error') open.close();
      if (frame.type !== 'change') return;
      progress.delivered++;
      if (!progress.seen.has(frame.event.id)) {
        progress.seen.add(frame.event.id);
        progress.processed.push(frame.event.id);
      }
      if (++unacknowledged > roll(WINDOW / 2)) {
        unacknowledged = 0;
        say(open, { type: 'ack', streamId, id: frame.event.id });
      }
    });
    if (!socket) {
      await pause(20);
      continue;
    }
    progress.socket = socket;
    say(socket, { type: 'stream', ref: 's', collection: COLLECTION, name: NAME, from: 'earliest', window: WINDOW });
    await new Promise((resolve) => socket.on('close', resolve));
  }
}

/// All ids of the collection's events that the log holds, up to one that is written now.
async function logOf(server) {
  const ids = [];
  let head;
  const socket = await dial(server, (frame) => {
    if (frame.type !== 'change') return;
    ids.push(frame.event.id);
    if (frame.event.documentId === LAST) head = frame.event.id;
  });
  say(socket, { type: 'sync', requestId: 'last', op: 'create', service: COLLECTION, id: LAST, data: {} });
  say(socket, { type: 'stream', ref: 's', collection: COLLECTION, from: 'earliest' });
  await until(() => head, () => `the end of the log; ${ids.length} events have come`);
  socket.close();
  return { ids, head };
}

async function until(condition, what) {
  const end = Date.now() + ROUND_MS;
  while (!condition()) {
    assert.ok(Date.now() < end, `waited in vain for ${what()}`);
    await pause(20);
  }
}

for (const seed of FULL ? seeds : [seeds[0], seeds.at(-1)]) {
  test(`what is processed is the log; FRESHET_SEED=${seed}`, { timeout: ROUND_MS }, async (t) => {
    const roll = random(seed).below;
    const server = await new Server().start();
    const progress = { acknowledged: 0, delivered: 0, processed: [], seen: new Set(), stop: false };
    try {
      const running = [write(server, roll, progress), consume(server, roll, progress)];
      const faults = [
        ...Array.from({ length: SERVER_KILLS }, () => [roll(CHANGES), 'server']),
        ...Array.from({ length: CONSUMER_KILLS }, () => [roll(CHANGES), 'consumer']),
      ].sort(([one], [other]) => one - other);
      for (const [at, who] of faults) {
        await until(() => progress.acknowledged >= at, () => `${at} writes; ${progress.acknowledged} are done`);
        if (who === 'consumer') {
          progress.socket?.terminate();
        } else {
          await server.crash();
          await server.start();
        }
      }
      await running[0];
      const { ids, head } = await logOf(server);
      await until(() => progress.seen.has(head), () => `the head; ${progress.processed.length} of ${ids.length} are processed`);
      progress.stop = true;
      progress.socket.terminate();
      await running[1];
      assert.ok(ids.length > CHANGES / 2, `${ids.length} changes; what deletes nothing is none`);
      assert.equal(progress.processed.length, ids.length);
      const different = ids.findIndex((id, i) => id !== progress.processed[i]);
      assert.equal(different, -1, `event ${different} of ${ids.length}`);
      const again = progress.delivered - ids.length;
      t.diagnostic(`${progress.acknowledged} writes acknowledged, ${ids.length} events, ${again} of them more than once`);
    } finally {
      progress.stop = true;
      progress.socket?.terminate();
      await server.crash(); // whether it stops cleanly is not what is asked here
      await server.dispose();
    }
  });
}
