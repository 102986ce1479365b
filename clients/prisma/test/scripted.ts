// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A server at Pulse's door that says what a test tells it to, and clients of it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { withFreshet } from '@freshet/prisma';
import type { FreshetOptions, PulseSubscription, Retry } from '@freshet/prisma';
import { within } from './waiting.js';

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
  readonly socket: WebSocket;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly #acknowledged = new Arrivals<string>();
  readonly closed: Promise<number>;
  pings = 0;

  constructor(socket: WebSocket, path: string, headers: IncomingHttpHeaders) {
    this.socket = socket;
    this.path = path;
    this.headers = headers;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('ping', () => this.pings++);
    socket.on('message', (data: Buffer) => {
      const { type, id, ...more } = JSON.parse(data.toString()) as Record<string, unknown>;
      assert.deepEqual([type, typeof id, more], ['ack', 'string', {}]);
      this.#acknowledged.add(id as string);
    });
  }

  /** What the header `subscription` says. */
  get wish(): { model: { fields: object[] }; modelName: string; where: unknown } {
    return JSON.parse(this.headers['subscription'] as string) as never;
  }

  created(...ids: readonly string[]): void {
    for (const id of ids) {
      this.say({ id, action: 'create', modelName: 'User', created: { id: 1 } });
    }
  }

  say(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  acknowledged(): Promise<string> {
    return this.#acknowledged.next('an acknowledgement');
  }

  /** Acknowledgements no test has asked for. */
  get unread(): number {
    return this.#acknowledged.waiting;
  }

  /** As if the network were gone. */
  cut(): void {
    this.socket.terminate();
  }
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
}

export function refusalOf(status: number, code: string, message: string): Answer {
  return { status, body: JSON.stringify({ code, message, requestId: 'r1', status }) };
}

export class ScriptedServer {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #peers = new Arrivals<Peer>();
  readonly #refusals: Answer[] = [];
  /** Handshakes so far, those refused included. */
  handshakes = 0;

  private constructor(answersPings: boolean) {
    this.#sockets = new WebSocketServer({ noServer: true, autoPong: answersPings });
    this.#server = createServer((_, response) => response.writeHead(426).end());
    this.#server.on('upgrade', (request, socket: Duplex, head) => {
      this.handshakes++;
      const refused = this.#refusals.shift();
      if (refused) return void socket.end(written(refused));
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#peers.add(new Peer(webSocket, request.url ?? '', request.headers)),
      );
    });
  }

  static async start(t: TestContext, { answersPings = true } = {}): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(answersPings);
    await scripted.#listen(0);
    t.after(() => scripted.stop());
    return scripted;
  }

  #port = 0;

  async #listen(port: number): Promise<void> {
    await new Promise<void>((ready) => this.#server.listen(port, '127.0.0.1', ready));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** The next handshakes are refused so. */
  refuse(...answers: readonly Answer[]): void {
    this.#refusals.push(...answers);
  }

  /** The next connection. */
  next(): Promise<Peer> {
    return this.#peers.next('a connection');
  }

  /** Nobody listens from now on, and connections are cut. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((done) => this.#server.close(done));
  }

  /** After a stop, at the same port. */
  again(): Promise<void> {
    return this.#listen(this.#port);
  }
}

function written({ status, body = '', headers = {} }: Answer): string {
  const all = { connection: 'close', 'content-length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`;
}

/** Event ids in order, the first being number 0. */
export function eventId(number: number): string {
  return `01M4ZZZZZZ0000000000${String(number).padStart(6, '0')}`;
}

const field = (name: string, type: string, more: object = {}) => ({
  name,
  kind: 'scalar',
  type,
  ...more,
});

/** Of the field `user.xyz` the type is `Xyz`. */
export const USER = {
  dbName: 'users',
  fields: [
    field('int', 'Int'),
    field('bigInt', 'BigInt'),
    field('float', 'Float'),
    field('decimal', 'Decimal'),
    field('boolean', 'Boolean'),
    field('string', 'String', { dbName: 'text' }),
    field('dateTime', 'DateTime'),
    field('bytes', 'Bytes'),
    field('json', 'Json'),
    { name: 'role', kind: 'enum', type: 'Role' },
    { name: 'posts', kind: 'object', type: 'Post', relationName: 'PostToUser' },
  ],
};

/** What an extension sees of a client with one model. */
const CONTEXT = {
  $name: 'User',
  $parent: {
    _clientVersion: '7.10.0',
    _runtimeDataModel: { models: { User: USER } },
  },
};

export interface Created {
  readonly id: string;
}

type Subscription = Promise<PulseSubscription<Created>>;

/** A model of a client, without a client. Waits are as short as they may be. */
export function model(endpoint: string | URL, options: Partial<FreshetOptions> = {}) {
  const { stream, subscribe } = withFreshet({
    apiKey: 'key',
    endpoint,
    reconnect: { firstMs: 2, maxMs: 10, nameTakenMs: 60_000 },
    ...options,
  }).model.$allModels;
  return {
    stream: (args?: object) => stream.call(CONTEXT, args as never) as unknown as Subscription,
    subscribe: (args?: object) => subscribe.call(CONTEXT, args as never) as unknown as Subscription,
  };
}

/** A stream and its connection. It is stopped when the test ends. */
export async function streaming(t: TestContext, args: object, more: Partial<FreshetOptions> = {}) {
  const server = await ScriptedServer.start(t);
  const retries: Retry[] = [];
  const onRetry = (retry: Retry) => void retries.push(retry);
  const opening = model(server.url, { onRetry, ...more }).stream(args);
  const peer = await server.next();
  const subscription = await within(opening, 'the stream');
  t.after(() => subscription.stop());
  return { server, peer, subscription, retries };
}

/** What a loop over a stream brings. The program decides how long it takes for each. */
export class Reading {
  readonly ids: string[] = [];
  readonly ended: Promise<void>;

  constructor(stream: AsyncIterable<Created>, handle: (id: string) => unknown = () => {}) {
    this.ended = this.#read(stream, handle);
    this.ended.catch(() => {}); // for those who await it
  }

  async #read(stream: AsyncIterable<Created>, handle: (id: string) => unknown): Promise<void> {
    for await (const { id } of stream) {
      this.ids.push(id);
      await handle(id);
    }
  }
}
