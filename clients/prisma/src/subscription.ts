// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { UnderlyingSource } from 'node:stream/web';
import type { Feed } from './feed.js';

/**
 * The events of one model: read by `for await`, which acknowledges each event when it asks for the
 * next one, or by `getReader()`, which acknowledges nothing by itself.
 */
export interface PulseSubscription<E> extends Omit<ReadableStream<E>, typeof Symbol.asyncIterator> {
  /** That the first connection is there: so it is once the program has this object. */
  readonly open: Promise<void>;
  /** That the last connection is closed, and the name free. */
  readonly closed: Promise<void>;
  /**
   * The program is done with everything up to that event. Without a connection it is said over the
   * next one.
   */
  acknowledgeEvent(id: string): void;
  /** Ends the loop. The event in hand stays unacknowledged. */
  stop(): void;
  [Symbol.asyncIterator](): AsyncIterableIterator<E>;
}

class FeedStream<E> extends ReadableStream<E> implements PulseSubscription<E> {
  readonly #feed: Feed;
  readonly open: Promise<void>;

  constructor(feed: Feed, open: Promise<void>) {
    const source: UnderlyingSource<E> = {
      pull: async (controller) => {
        const event = await feed.next();
        if (event === undefined) controller.close();
        else controller.enqueue(event as E);
      },
      cancel: () => feed.stop(),
    };
    super(source, { highWaterMark: 0 }); // the feed keeps what waits
    this.#feed = feed;
    this.open = open;
  }

  get closed(): Promise<void> {
    return this.#feed.closed;
  }

  acknowledgeEvent(id: string): void {
    this.#feed.acknowledge(id);
  }

  stop(): void {
    this.#feed.stop();
  }

  override [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    const reader = this.getReader();
    let inHand: string | undefined;
    const end: IteratorResult<E> = { done: true, value: undefined };
    const iterator: AsyncIterableIterator<E> = {
      next: async () => {
        if (inHand !== undefined) this.#feed.acknowledge(inHand);
        inHand = undefined;
        const { done, value } = await reader.read();
        if (done) return end;
        inHand = (value as { readonly id: string }).id;
        return { done: false, value };
      },
      return: async () => {
        this.#feed.stop();
        return Promise.resolve(end);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}

/** What `stream()` and `subscribe()` make: for `instanceof`. */
export const PulseSubscription: Function & { readonly prototype: PulseSubscription<unknown> } =
  FeedStream;

/** @internal */
export function subscriptionTo<E>(feed: Feed, open: Promise<void>): PulseSubscription<E> {
  return new FeedStream(feed, open);
}
