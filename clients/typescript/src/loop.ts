// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { FreshetError, invalid } from './errors.js';

export interface LoopOwner<C> {
  handed(change: C): void;
  /** @param isIdle whether nothing waits behind it */
  handled(change: C, isIdle: boolean): void;
  /** The loop was left with a change in hand. */
  left(): Promise<void>;
}

type Step<C> = IteratorResult<C, undefined>;

interface Waiter<C> {
  readonly resolve: (step: Step<C>) => void;
  readonly reject: (error: FreshetError) => void;
}

/** Hands changes to one `for await` loop. A change counts as handled when the next one is asked for. */
export class Loop<C> implements AsyncIterator<C, undefined> {
  readonly #owner: LoopOwner<C>;
  #queue: C[] = [];
  #inHand: C | undefined;
  #wanted: Waiter<C> | undefined;
  #isOver = false;
  #error: FreshetError | undefined;

  constructor(owner: LoopOwner<C>) {
    this.#owner = owner;
  }

  get inHand(): C | undefined {
    return this.#inHand;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  offer(change: C): void {
    if (this.#isOver) return;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) wanted.resolve(this.#hand(change));
    else this.#queue.push(change);
  }

  /** What waits will come again. */
  clear(): void {
    this.#queue = [];
  }

  /** Behind what waits, the loop ends; with an error, if there is one. */
  end(error?: FreshetError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) this.#last().then(wanted.resolve, wanted.reject);
  }

  next(): Promise<Step<C>> {
    if (this.#wanted) {
      return Promise.reject(invalid('await a change before asking for the next one'));
    }
    const handled = this.#inHand;
    this.#inHand = undefined;
    if (handled !== undefined) this.#owner.handled(handled, this.#queue.length === 0);
    const change = this.#queue.shift();
    if (change !== undefined) return Promise.resolve(this.#hand(change));
    if (this.#isOver) return this.#last();
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
    });
  }

  async return(): Promise<Step<C>> {
    await this.#owner.left();
    return { done: true, value: undefined };
  }

  #hand(change: C): Step<C> {
    this.#inHand = change;
    this.#owner.handed(change);
    return { done: false, value: change };
  }

  /** An error is told once. */
  #last(): Promise<Step<C>> {
    const error = this.#error;
    this.#error = undefined;
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
  }
}
