// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The documents face by hand: a session on `/ws` that keeps what it is sent.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { until } from './clients.mjs';

let lastRequest = 0;
const run = Math.random().toString(36).slice(2, 8);
let lastService = 0;

/// A service that no other test uses.
export const uniqueService = () => `s-${run}-${++lastService}`;

/// One WebSocket of the documents face.
export class SyncSession {
  frames = [];
  closed;
  #socket;

  constructor(t, url, { protocols, headers } = {}) {
    this.#socket = new WebSocket(url, protocols, { headers });
    this.#socket.on('message', (data, isBinary) => {
      assert.ok(!isBinary, 'only text is sent here');
      const message = JSON.parse(String(data));
      this.frames.push(...(Array.isArray(message) ? message : [message]));
    });
    this.#socket.on('error', () => {}); // the close says so, too
    this.#socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    t.after(() => this.#socket.terminate());
  }

  /// A socket that has been welcomed.
  static async open(t, server, { query = '', ...options } = {}) {
    const session = new SyncSession(t, server.syncUrl + query, options);
    await session.expect({ type: 'welcome' });
    return session;
  }

  /// A socket that may or may not be welcomed.
  static async connect(t, server, { query = '', ...options } = {}) {
    const session = new SyncSession(t, server.syncUrl + query, options);
    await until(() => session.#socket.readyState === WebSocket.OPEN || session.closed, 'the handshake');
    return session;
  }

  /// Sends a frame, or text as it is.
  say(frame) {
    this.#socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /// Takes the first frame with these members out of what has come; waits for it.
  expect(members) {
    return until(() => {
      const index = this.frames.findIndex((frame) => isLike(frame, members));
      assert.ok(index >= 0 || !this.closed, `closed with ${JSON.stringify(this.closed)} before ${JSON.stringify(members)}`);
      return index >= 0 && this.frames.splice(index, 1)[0];
    }, `a frame like ${JSON.stringify(members)}, among ${JSON.stringify(this.frames).slice(0, 400)}`);
  }

  /// An operation, and its answer.
  sync(op, members) {
    const requestId = `r${++lastRequest}`;
    this.say({ type: 'sync', requestId, op, ...members });
    return this.expect({ requestId });
  }

  /// The document after an operation that succeeds.
  async done(op, members) {
    const answer = await this.sync(op, members);
    assert.equal(answer.type, 'result', JSON.stringify(answer));
    return answer.document;
  }

  /// The error after an operation that fails.
  async refused(op, members) {
    const answer = await this.sync(op, members);
    assert.equal(answer.type, 'error', JSON.stringify(answer));
    return answer;
  }

  /// The acknowledgement of a subscription.
  subscribe(topic, options) {
    const ref = `s${++lastRequest}`;
    this.say({ type: 'subscribe', ref, topic, ...options });
    return this.expect({ ref });
  }

  /// Waits for the next event and takes it out.
  async event() {
    return (await this.expect({ type: 'event' })).data;
  }

  /// So many events, in the order they came.
  async events(count) {
    await until(() => this.frames.filter((frame) => frame.type === 'event').length >= count, `${count} events`);
    const events = this.frames.filter((frame) => frame.type === 'event');
    this.frames = this.frames.filter((frame) => frame.type !== 'event');
    return events.map((frame) => frame.data);
  }

  /// Everything that was asked for before has been answered.
  async settled() {
    const ref = `p${++lastRequest}`;
    this.say({ type: 'ping', ref });
    await this.expect({ type: 'pong', ref });
  }

  /// The close code, once it is there.
  async end() {
    await until(() => this.closed, 'the close');
    return this.closed.code;
  }

  /// What a client that does not read looks like from outside.
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  close() {
    this.#socket.terminate();
  }
}

function isLike(frame, members) {
  return Object.entries(members).every(([name, value]) => {
    try {
      assert.deepEqual(frame[name], value);
      return true;
    } catch {
      return false;
    }
  });
}

/// What an event tells, in short.
export function told({ metadata }) {
  return `${metadata.operation} ${metadata.revision} ${metadata.documentId}`;
}

/// A stream that has begun, on a session of its own.
export async function openStream(t, server, frame) {
  const session = await SyncSession.open(t, server);
  session.say({ type: 'stream', ref: 'st', ...frame });
  const { streamId } = await session.expect({ type: 'streaming', ref: 'st' });
  return {
    session,
    next: async () => (await session.expect({ type: 'change', streamId })).event,
    acknowledge: (id) => session.say({ type: 'ack', streamId, id }),
    expect: (members) => session.expect(members),
    undisturbed: () => !session.frames.some((frame) => ['error', 'stopped'].includes(frame.type)) && !session.closed,
  };
}
