// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A server that says what a test tells it to, frame by frame, as the contract of `/ws` has it.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { RealtimeClient } from '@freshet/client';
import type { RealtimeClientOptions } from '@freshet/client';
import { within } from './waiting.js';

export type Frame = Record<string, unknown>;

/** What arrives, one after the other, whenever somebody asks for it. */
class Arrivals<T> {
  readonly #there: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  add(value: T): void {
    const next = this.#waiting.shift();
    if (next) next(value);
    else this.#there.push(value);
  }

  next(what: string): Promise<T> {
    const value = this.#there.shift();
    if (value !== undefined) return Promise.resolve(value);
    return within(new Promise((resolve) => this.#waiting.push(resolve)), what);
  }

  get waiting(): number {
    return this.#there.length;
  }
}

/** The server's end of one connection. */
export class Peer {
  readonly #socket: WebSocket;
  readonly #frames = new Arrivals<Frame>();
  readonly closed: Promise<number>;
  /** Pings are answered, and are no frames a test waits for, unless it says otherwise. */
  answersPings = true;
  pings = 0;
  /** The last message as it was written. */
  lastText = '';

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (data: Buffer) => {
      this.lastText = data.toString();
      this.#received(JSON.parse(this.lastText) as Frame);
    });
  }

  #received(frame: Frame): void {
    if (frame['type'] !== 'ping') return this.#frames.add(frame);
    this.pings++;
    if (this.answersPings) this.send({ type: 'pong' });
  }

  /** The next frame, which has to be of that type. */
  async next(type: string): Promise<Frame> {
    const frame = await this.#frames.next(`a frame ${type}`);
    assert.equal(frame['type'], type, JSON.stringify(frame));
    return frame;
  }

  /** How many frames have come that no test has asked for. */
  get unread(): number {
    return this.#frames.waiting;
  }

  send(frame: unknown): void {
    this.#socket.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  welcome(more: Frame = {}): void {
    this.send({ type: 'welcome', connectionId: 'c1', heartbeatMs: 60_000, ...more });
  }

  /** Answers an operation. */
  result(request: Frame, more: Frame = {}): void {
    this.send({ type: 'result', requestId: request['requestId'], status: 200, ...more });
  }

  /** Answers a subscription. */
  subscribed(request: Frame, subscriptionId: string, more: Frame = {}): void {
    const { ref, topic } = request;
    this.send({ type: 'subscribed', subscriptionId, ref, topic, position: [], ...more });
  }

  event(event: Frame, ...subscriptionIds: string[]): void {
    this.send({ type: 'event', topic: event['topic'], data: event, subscriptionIds });
  }

  /** Answers a request for a stream. */
  streaming(request: Frame, streamId: string, resumedAfter: string | null = null): void {
    const place = { resumedAfter, epoch: '1', resumed: resumedAfter !== null };
    this.send({ type: 'streaming', ref: request['ref'], streamId, ...place });
  }

  /** Changes of a stream, in one message. */
  changes(streamId: string, ...events: Frame[]): void {
    this.send(events.map((event) => ({ type: 'change', streamId, event })));
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** As if the network were gone. */
  cut(): void {
    this.#socket.terminate();
  }
}

export class ScriptedServer {
  readonly #server: WebSocketServer;
  readonly #peers = new Arrivals<Peer>();
  /** Paths of the requests that opened connections. */
  readonly paths: string[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, request) => {
      this.paths.push(request.url ?? '');
      this.#peers.add(new Peer(socket));
    });
  }

  static async start(t: TestContext): Promise<ScriptedServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((ready) => server.once('listening', ready));
    const scripted = new ScriptedServer(server);
    t.after(() => scripted.stop());
    return scripted;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next connection. */
  next(): Promise<Peer> {
    return this.#peers.next('a connection');
  }

  /** Refuses connections from now on, and cuts those there are. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#server.clients) socket.terminate();
  }
}

/** Waits are as short as they may be. */
export const QUICK = { reconnectionDelay: 2, reconnectionDelayMax: 10 };

/** A client that is disconnected when the test ends. */
export function client(
  t: TestContext,
  server: ScriptedServer | string,
  options: Partial<RealtimeClientOptions> = {},
): RealtimeClient {
  const url = typeof server === 'string' ? server : server.url;
  const made = new RealtimeClient({ url, ...QUICK, ...options });
  t.after(() => made.disconnect());
  return made;
}

/** A client and its connection, after the welcome. */
export async function connected(t: TestContext, options: Partial<RealtimeClientOptions> = {}) {
  const server = await ScriptedServer.start(t);
  const realtime = client(t, server, options);
  const peer = await server.next();
  peer.welcome();
  await within(realtime.connect(), 'the welcome');
  return { server, realtime, peer };
}
