// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { Acknowledgements } from './acknowledgements.js';
import type { ChangeStream, StreamInfo, StreamLag } from './changes.js';
import type { StreamRequest } from './collection.js';
import { FreshetError, invalid } from './errors.js';
import type { StreamEvent, StreamingFrame } from './frames.js';
import { Listeners } from './listeners.js';
import { Loop } from './loop.js';
import { Positions } from './positions.js';

interface Waiter {
  readonly resolve: (info: StreamInfo) => void;
  readonly reject: (error: FreshetError) => void;
}

export interface StreamOwner {
  /** @returns whether there is a connection */
  send(frame: object): boolean;
  /** The server knows nothing of it any more, and nothing will be asked of it. */
  gone(stream: Stream): void;
}

/** Nothing on the wire holds back what a live subscription brings. */
const WAITING_MAX = 10_000;

/**
 * One stream through all connections. What an earlier connection brought and the loop has not taken
 * comes again over the next one; what the loop has taken does not.
 */
export class Stream implements ChangeStream<StreamEvent> {
  readonly ref: string;
  readonly order: number;
  /** Times in a row that the server was too busy for it. */
  refusals = 0;
  readonly #request: StreamRequest;
  readonly #owner: StreamOwner;
  readonly #listeners = new Listeners();
  readonly #loop: Loop<StreamEvent>;
  readonly #acknowledgements: Acknowledgements;
  readonly #freed: Promise<void>;
  #free: () => void = () => {};
  #isRead = false;
  #isOver = false;
  #error: FreshetError | undefined;
  /** Whether the server has been asked for it on this connection; and what it called it then. */
  #isAsked = false;
  #serverId: string | undefined;
  #info: StreamInfo | undefined;
  #waiters: Waiter[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Up to where changes have come. */
  #seen = new Positions();
  #lastHanded: string | undefined;
  /** Where to go on if the server does not know. */
  #place: string | undefined;
  #lag: StreamLag = { lagEvents: 0, lagMs: 0, dropped: 0 };
  /** Changes there was no room for here; and whether that has been told. */
  #dropped = 0;
  #isLossTold = true;

  constructor(
    ref: string,
    order: number,
    request: StreamRequest,
    onLag: ((lag: StreamLag) => void) | undefined,
    owner: StreamOwner,
  ) {
    this.ref = ref;
    this.order = order;
    this.#request = request;
    this.#owner = owner;
    if (onLag) this.#listeners.add('lag', onLag);
    this.#acknowledgements = new Acknowledgements(
      (id) => this.#send('ack', { id }),
      request.window,
    );
    this.#loop = new Loop({
      handed: (change) => this.#handed(change),
      handled: (change, isIdle) => this.#handled(change, isIdle),
      left: () => this.stop(),
    });
    this.#freed = new Promise((resolve) => {
      this.#free = resolve;
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamEvent, undefined> {
    if (this.#isRead) throw invalid('a stream is read by one loop, once; ask for another stream');
    this.#isRead = true;
    return this.#loop;
  }

  ready(): Promise<StreamInfo> {
    if (this.#info) return Promise.resolve(this.#info);
    if (this.#isOver) return Promise.reject(this.#over());
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  acknowledge(id: string): void {
    if (this.#isLasting && !this.#isOver) this.#acknowledgements.add(id, true);
  }

  stop(): Promise<void> {
    if (this.#isOver) return this.#freed;
    this.#acknowledgements.flush();
    this.#send('stop');
    this.#finish();
    if (!this.#isAsked) this.gone();
    return this.#freed;
  }

  /** Asks for it, or asks for it again. */
  ask(): void {
    const { from } = this.#request;
    const place = this.#place ?? from;
    const frame = { type: 'stream', ref: this.ref, ...this.#request };
    this.#isAsked = this.#owner.send(place === undefined ? frame : { ...frame, from: place });
  }

  /** The server was too busy. */
  askLater(delayMs: number): void {
    this.#isAsked = false;
    if (this.#isOver) return this.gone();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.ask(), delayMs);
  }

  opened({ streamId, resumedAfter, resumed = false }: StreamingFrame): void {
    this.#serverId = streamId;
    this.refusals = 0;
    if (this.#isOver) return this.#send('stop');
    if (this.#isLasting) this.#place ??= resumedAfter ?? undefined;
    const info = { resumedAfter, resumed };
    this.#info = info;
    for (const waiter of this.#takeWaiters()) waiter.resolve(info);
  }

  received(change: StreamEvent): void {
    if (this.#isOver) return;
    if (this.#isLasting) {
      if (this.#seen.advance(change.id)) this.#loop.offer(change);
      else if (change.id !== this.#loop.inHand?.id) {
        // Handled already; the acknowledgement was lost with a connection, or by a server that fell.
        this.#acknowledgements.add(change.id, false);
      }
    } else if (this.#loop.waiting < WAITING_MAX) {
      this.#loop.offer(change);
    } else {
      this.#dropped++;
      this.#isLossTold = false;
    }
  }

  lags(lag: StreamLag): void {
    this.#lag = lag;
    this.#isLossTold = true;
    const dropped = lag.dropped + this.#dropped;
    if (!this.#isOver) this.#listeners.tell('lag', { ...lag, dropped });
  }

  /** The connection fell. */
  down(): void {
    clearTimeout(this.#retry);
    this.#acknowledgements.clear();
    this.#isAsked = false;
    this.#serverId = this.#info = undefined;
    if (this.#isOver) return this.gone();
    if (!this.#isLasting) return;
    this.#loop.clear();
    this.#seen = new Positions(this.#lastHanded === undefined ? [] : [this.#lastHanded]);
  }

  /** Nothing more comes. Without an error, the loop ends as if it had been stopped. */
  over(error?: FreshetError): void {
    if (!this.#isOver) this.#finish(error);
    this.gone();
  }

  /** The server has freed it. */
  gone(): void {
    this.#owner.gone(this);
    this.#free();
  }

  /** Whether nothing may be missed. */
  get #isLasting(): boolean {
    return this.#request.mode !== 'subscribe';
  }

  get #isNamed(): boolean {
    return this.#request.name !== undefined;
  }

  #handed({ id }: StreamEvent): void {
    this.#lastHanded = id;
    if (this.#isLasting && !this.#isNamed) this.#place = id;
    if (!this.#isLossTold) this.lags(this.#lag);
  }

  #handled({ id }: StreamEvent, isIdle: boolean): void {
    if (this.#isOver || !this.#isLasting) return;
    this.#place = id;
    this.#acknowledgements.add(id, isIdle);
  }

  #finish(error?: FreshetError): void {
    this.#isOver = true;
    this.#error = error;
    this.#info = undefined;
    clearTimeout(this.#retry);
    this.#acknowledgements.clear();
    // What waits belongs to whoever reads the name next; else it is all there is.
    if (!error || this.#isNamed) this.#loop.clear();
    this.#loop.end(error);
    for (const waiter of this.#takeWaiters()) waiter.reject(this.#over());
  }

  #over(): FreshetError {
    return this.#error ?? new FreshetError(404, 'NOT_FOUND', `${this.ref} was stopped`);
  }

  #send(type: string, more: object = {}): void {
    const streamId = this.#serverId;
    if (streamId !== undefined) this.#owner.send({ type, streamId, ...more });
  }

  #takeWaiters(): readonly Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    return waiters;
  }
}
