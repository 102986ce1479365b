// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Filter, ReturnMode, SyncEvent } from './documents.js';
import type { FreshetError } from './errors.js';
import type { SubscribedFrame } from './frames.js';
import { Positions } from './positions.js';

/** What to be told of, and how. */
export interface SubscribeOptions {
  /**
   * `sync.<service>.updated`: every change of a document of that service; `.created`, `.deleted`: the
   * narrower ones. `*` stands for one segment, `**` or `>` for all that follow.
   */
  readonly topic: string;
  /** What events carry: the whole document (`'full'`, the default), what changed, or both. */
  readonly returnMode?: ReturnMode | undefined;
  /** Only this document. */
  readonly id?: string | undefined;
  readonly filter?: Filter | undefined;
  /** `'in'`, `'out'`: only when a document begins, or ceases, to match the filter. */
  readonly scope?: 'all' | 'in' | 'out' | undefined;
  /** First the documents that are there, as events of operation `snapshot`, then changes, without a gap. */
  readonly snapshot?: boolean | undefined;
  /** An event's `id` (or several: one per log): begin with what came after it. */
  readonly recover?: string | readonly string[] | undefined;
  /** `false`: not what this client writes itself. */
  readonly echo?: boolean | undefined;
  /** When this client is slow, only the newest state of each document; a number: at most so often, in ms. */
  readonly conflate?: boolean | number | undefined;
}

/** What is known of a subscription once the server has acknowledged it. */
export interface SubscriptionInfo {
  /** What `subscribe` returned. */
  readonly subscriptionId: string;
  readonly topic: string;
  /** When it had to go on after an event: `false` if what was missed cannot be told any more. */
  readonly recovered?: boolean;
  /** Event ids, one per log: every change after them is delivered. Good for `recover`. */
  readonly position: readonly string[];
}

interface Waiter {
  readonly resolve: (info: SubscriptionInfo) => void;
  readonly reject: (error: FreshetError) => void;
}

/** Beyond this, an event that comes twice may be delivered twice. */
const AHEAD_MAX = 10_000;

/** One subscription through all connections: it knows up to where it has seen each log. */
export class Subscription {
  readonly id: string;
  readonly options: SubscribeOptions;
  readonly order: number;
  /** Times in a row that the server was too busy for it. */
  refusals = 0;
  #serverId: string | undefined;
  #info: SubscriptionInfo | undefined;
  #waiters: Waiter[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #positions: Positions | undefined;
  /** Whether all of the snapshot has come; until then a lost connection means another snapshot. */
  #isWhole = true;
  /**
   * Revisions delivered out of turn, by document: a slow reader is given the newest states, and
   * after a reconnect the changes that led to them. Those are dropped.
   */
  readonly #ahead = new Map<string, number>();

  constructor(id: string, options: SubscribeOptions, order: number) {
    this.id = id;
    this.options = options;
    this.order = order;
  }

  /** What the server calls it on this connection. */
  get serverId(): string | undefined {
    return this.#serverId;
  }

  /** The frame that asks for it, or asks for it again. */
  request(): object {
    const own = this.#isWhole ? this.#positions?.ids() : undefined;
    return { type: 'subscribe', ref: this.id, ...this.options, recover: own ?? this.#given() };
  }

  /** Waits for the server's acknowledgement on this connection or the next. */
  ready(): Promise<SubscriptionInfo> {
    if (this.#info) return Promise.resolve(this.#info);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /**
   * @returns `passed`, if there is something to come first, a snapshot or what was missed: to be called
   *   when all of it has come
   */
  acknowledge(frame: SubscribedFrame) {
    const position = frame.position ?? [];
    const isResumed = frame.recovered === true;
    const isRepeated = !this.#isWhole;
    const hasGap = frame.recovered === false || isRepeated;
    if (!isResumed) {
      this.#positions = new Positions(position);
      this.#ahead.clear();
      this.#isWhole = this.options.snapshot !== true;
    }
    const positions = (this.#positions ??= new Positions(this.#given()));
    this.#serverId = frame.subscriptionId;
    this.refusals = 0;
    this.#info = {
      subscriptionId: this.id,
      topic: this.options.topic,
      position,
      ...(hasGap ? { recovered: false } : isResumed ? { recovered: true } : {}),
    };
    for (const waiter of this.#takeWaiters()) waiter.resolve(this.#info);
    const passed = () => {
      this.#isWhole = true;
      for (const id of position) positions.advance(id);
    };
    const isBehind = isResumed || !this.#isWhole;
    return { info: this.#info, hasGap, passed: isBehind ? passed : undefined };
  }

  /** The connection fell. */
  down(): void {
    clearTimeout(this.#retry);
    this.#serverId = undefined;
    this.#info = undefined;
  }

  /** @returns whether anybody waited for it */
  failed(error: FreshetError): boolean {
    clearTimeout(this.#retry);
    const waiters = this.#takeWaiters();
    for (const waiter of waiters) waiter.reject(error);
    return waiters.length > 0;
  }

  later(delayMs: number, then: () => void): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(then, delayMs);
  }

  /** Whether an event is news. What it brings counts as seen from then on. */
  admits({ id, metadata }: SyncEvent<object>): boolean {
    if (metadata.operation === 'snapshot') return true;
    const document = JSON.stringify([metadata.service, metadata.documentId]);
    const ahead = this.#ahead.get(document) ?? -1;
    const isAhead = metadata.revision > ahead;
    if (metadata.resync) {
      // It may overtake changes of other documents: the position must not.
      if (isAhead) this.#setAhead(document, metadata.revision);
      return isAhead;
    }
    this.#isWhole = true;
    if (ahead >= 0 && isAhead) this.#ahead.delete(document);
    const isNew = id === undefined || (this.#positions?.advance(id) ?? true);
    return isNew && isAhead;
  }

  /** What the program itself wanted to go on from. */
  #given(): readonly string[] | undefined {
    const { recover } = this.options;
    return typeof recover === 'string' ? [recover] : recover;
  }

  #setAhead(document: string, revision: number): void {
    const [oldest] = this.#ahead.keys();
    if (oldest !== undefined && this.#ahead.size >= AHEAD_MAX) this.#ahead.delete(oldest);
    this.#ahead.set(document, revision);
  }

  #takeWaiters(): readonly Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    return waiters;
  }
}
