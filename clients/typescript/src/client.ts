// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { Collection } from './collection.js';
import { Connection } from './connection.js';
import type { ConnectionDetail, ConnectionState } from './connection.js';
import type { JsonData, SyncEvent } from './documents.js';
import { errorOf, FreshetError, invalid } from './errors.js';
import type { ServerFrame } from './frames.js';
import { Listeners } from './listeners.js';
import { exactNumbers } from './numbers.js';
import type { Codec } from './numbers.js';
import { randomText } from './random.js';
import { Requests } from './requests.js';
import { socketAddress } from './socket.js';
import type { WebSocketConstructor } from './socket.js';
import { Streams } from './streams.js';
import type { SubscribeOptions, SubscriptionInfo } from './subscription.js';
import { Subscriptions } from './subscriptions.js';
import { SyncClient } from './sync.js';
import type { Caller } from './sync.js';
import type { TokenSource } from './tokens.js';

export interface RealtimeClientOptions {
  /** The server: `ws://127.0.0.1:6020`, `https://example.org`; in browsers also `/ws`. */
  readonly url: string;
  /** Who this is. Nothing, if the server is open. */
  readonly token?: TokenSource | undefined;
  /** `true` by default: connects at once. Otherwise `connect()` does. */
  readonly autoConnect?: boolean | undefined;
  /** `true` by default: a connection that fails or falls is tried again. */
  readonly reconnection?: boolean | undefined;
  /** How many attempts in a row may fail; 10 by default, `Infinity` for ever. */
  readonly reconnectionAttempts?: number | undefined;
  /** Milliseconds before the first attempt, 1000 by default; doubles with each, and is spread. */
  readonly reconnectionDelay?: number | undefined;
  /** Milliseconds that no wait exceeds; 30 000 by default. */
  readonly reconnectionDelayMax?: number | undefined;
  /** Milliseconds for the server to say welcome, token function included; 10 000 by default. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds for an operation to be answered, waiting for a connection included; 30 000 by default, 0: no end. */
  readonly requestTimeout?: number | undefined;
  /** How many operations may wait for an answer; 10 000 by default. Further ones fail with `OVERLOADED`. */
  readonly maxPending?: number | undefined;
  /**
   * `'double'` by default: as `JSON.parse` does it. `'exact'`: integers beyond 2^53 become `bigint`, and
   * what a double cannot hold a `Decimal`; both can be written, too.
   */
  readonly numbers?: 'double' | 'exact' | undefined;
  /** Instead of the runtime's own. */
  readonly WebSocket?: WebSocketConstructor | undefined;
}

/** What `on` can listen to, besides `event` and `event:…`. */
export interface ClientEvents {
  /** The state of the connection has changed. */
  connection: (state: ConnectionState, detail: ConnectionDetail) => void;
  /** Something failed, and nobody waits for it. Without a listener, it is written to the console. */
  error: (error: FreshetError) => void;
  /** The server has acknowledged a subscription: for the first time, or after a reconnect. */
  subscribed: (info: SubscriptionInfo) => void;
  /** Changes of a subscription were missed for good: what was built from its events is out of date. */
  gap: (info: SubscriptionInfo) => void;
}

/** `event`: everything. `event:` with a topic, a subscribed pattern, or what `subscribe` returned: that. */
export type EventName = 'event' | `event:${string}`;

const RECONNECTION_ATTEMPTS = 10;
const RECONNECTION_DELAY_MS = 1_000;
const RECONNECTION_DELAY_MS_MAX = 30_000;
const CONNECT_MS = 10_000;
const REQUEST_MS = 30_000;
const PENDING_MAX = 10_000;
const CLIENT_ID_CHARACTERS = 16;

/** One connection to a Freshet server, kept up, and what is done over it. */
export class RealtimeClient {
  /** Creating, reading and writing documents. */
  readonly sync: SyncClient;
  readonly #listeners = new Listeners();
  readonly #codec: Codec;
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  readonly #streams: Streams;
  /** Request ids must differ from those of all other clients of the same user. */
  readonly #clientId = randomText(CLIENT_ID_CHARACTERS);
  /** Of all that is sent, so that a new connection sends what waits in the order it was asked for. */
  #order = 0;

  constructor(options: RealtimeClientOptions) {
    const backoff = {
      first: options.reconnectionDelay ?? RECONNECTION_DELAY_MS,
      max: options.reconnectionDelayMax ?? RECONNECTION_DELAY_MS_MAX,
    };
    const attempts = options.reconnectionAttempts ?? RECONNECTION_ATTEMPTS;
    this.#codec = options.numbers === 'exact' ? exactNumbers : JSON;
    this.#connection = new Connection(
      {
        address: socketAddress(options.url),
        token: options.token,
        attempts: (options.reconnection ?? true) ? attempts : 0,
        backoff,
        timeoutMs: options.connectTimeout ?? CONNECT_MS,
        WebSocket: options.WebSocket,
        codec: this.#codec,
      },
      {
        changed: (state, detail) => this.#changed(state, detail),
        up: () => this.#sendWhatWaits(),
        down: (end) => {
          this.#requests.down(end.code);
          this.#subscriptions.down();
          this.#streams.down();
        },
        received: (frame) => this.#received(frame),
        over: (error, isWanted) => {
          this.#requests.over(error.message);
          this.#subscriptions.over(error);
          this.#streams.over(isWanted ? undefined : error);
        },
        failed: (error) => this.#failed(error),
      },
    );
    this.#requests = new Requests(
      {
        timeoutMs: options.requestTimeout ?? REQUEST_MS,
        pendingMax: options.maxPending ?? PENDING_MAX,
      },
      (text) => this.#connection.send(text),
      this.#connection.canRenew ? () => this.#connection.renew() : undefined,
    );
    const line = {
      send: (frame: object) => this.#connection.send(this.#codec.stringify(frame)),
      barrier: (passed: () => void) => this.#connection.barrier(passed),
      failed: (error: FreshetError) => this.#failed(error),
    };
    this.#subscriptions = new Subscriptions(this.#listeners, line, backoff);
    this.#streams = new Streams(line.send, backoff);
    this.sync = new SyncClient((...args) => this.#call(...args));
    if (options.autoConnect ?? true) this.#connection.begin();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /**
   * Connects, unless it is connected. After `disconnect()` or after giving up, this begins anew, with
   * the subscriptions there were.
   *
   * @returns resolved when the server has said welcome, rejected when nothing more is tried
   */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /**
   * Ends the connection. Operations that wait for an answer are rejected; subscriptions are kept; the
   * loops over streams end.
   */
  disconnect(): void {
    this.#connection.disconnect();
  }

  /** The changes of a collection, to be streamed. */
  collection<T extends object = JsonData>(name: string): Collection<T> {
    return new Collection(name, (request, onLag) =>
      this.#streams.add(request, onLag, ++this.#order),
    );
  }

  /**
   * Asks for events, now and after every reconnect, until `unsubscribe`.
   *
   * @returns the subscription's id at once; `ready(id)` waits for the server's acknowledgement
   */
  subscribe(options: SubscribeOptions): string {
    return this.#subscriptions.add(options, ++this.#order);
  }

  /** No event of the subscription is delivered after this call. */
  unsubscribe(subscriptionId: string): void {
    this.#subscriptions.remove(subscriptionId);
  }

  /**
   * Waits until the server has acknowledged the subscription: no change made from then on is missed.
   * Rejected if it refuses.
   */
  ready(subscriptionId: string): Promise<SubscriptionInfo> {
    return this.#subscriptions.ready(subscriptionId);
  }

  on<K extends keyof ClientEvents>(name: K, listener: ClientEvents[K]): this;
  on<E extends SyncEvent<object> = SyncEvent>(name: EventName, listener: (event: E) => void): this;
  on(name: string, listener: (...args: readonly never[]) => void): this {
    this.#listeners.add(name, listener);
    return this;
  }

  /** Like `on`, for the first time only. */
  once<K extends keyof ClientEvents>(name: K, listener: ClientEvents[K]): this;
  once<E extends SyncEvent<object> = SyncEvent>(
    name: EventName,
    listener: (event: E) => void,
  ): this;
  once(name: string, listener: (...args: readonly never[]) => void): this {
    this.#listeners.addOnce(name, listener);
    return this;
  }

  /** Takes a listener away; without one, all listeners of that name. */
  off<K extends keyof ClientEvents>(name: K, listener?: ClientEvents[K]): this;
  off<E extends SyncEvent<object> = SyncEvent>(
    name: EventName,
    listener?: (event: E) => void,
  ): this;
  off(name: string, listener?: (...args: readonly never[]) => void): this {
    this.#listeners.remove(name, listener);
    return this;
  }

  readonly #call: Caller = (op, members, { requestId, isRead = false } = {}) => {
    const order = ++this.#order;
    const id = requestId ?? `${this.#clientId}-${order}`;
    if (this.state === 'disconnected') {
      return Promise.reject(
        new FreshetError(503, 'UNAVAILABLE', 'not connected: call connect() first', {}, id),
      );
    }
    let text: string;
    try {
      text = this.#codec.stringify({ type: 'sync', requestId: id, op, ...members });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return Promise.reject(invalid(`${op}: the data cannot be written as JSON: ${reason}`));
    }
    return this.#requests.call({ requestId: id, text, isWrite: !isRead }, order);
  };

  #sendWhatWaits(): void {
    const waiting = [this.#subscriptions, this.#streams, this.#requests].flatMap((each) =>
      each.waiting(),
    );
    waiting.sort((a, b) => a.order - b.order).forEach((each) => each.send());
  }

  #received(frame: ServerFrame): void {
    switch (frame.type) {
      case 'event':
        return this.#subscriptions.deliver(frame);
      case 'result':
        return this.#requests.answer(frame);
      case 'subscribed':
        return this.#subscriptions.acknowledge(frame);
      case 'error':
        if (this.#requests.refuse(frame) || this.#subscriptions.refuse(frame)) return;
        if (this.#streams.refuse(frame)) return;
        return this.#failed(errorOf(frame));
      case 'streaming':
        return this.#streams.opened(frame);
      case 'change':
        return this.#streams.deliver(frame);
      case 'streamState':
        return this.#streams.lags(frame);
      case 'stopped':
        return this.#streams.stopped(frame.streamId);
      case 'welcome':
      case 'authenticated':
      case 'pong':
      case 'unsubscribed':
        return;
    }
  }

  /** Told a moment later, since the first change happens before anybody can listen. */
  #changed(state: ConnectionState, detail: ConnectionDetail): void {
    const tell = () => this.#listeners.tell('connection', state, detail);
    if (state === 'connecting') queueMicrotask(tell);
    else tell();
  }

  #failed(error: FreshetError): void {
    if (this.#listeners.has('error')) this.#listeners.tell('error', error);
    else console.warn(error);
  }
}
