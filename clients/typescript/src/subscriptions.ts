// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { waitBefore } from './backoff.js';
import type { Backoff } from './backoff.js';
import { errorOf, FreshetError, invalid, isPassing } from './errors.js';
import type { ErrorFrame, EventFrame, SubscribedFrame } from './frames.js';
import type { Listeners } from './listeners.js';
import { Repeats } from './repeats.js';
import type { Outgoing } from './requests.js';
import { Subscription } from './subscription.js';
import type { SubscribeOptions, SubscriptionInfo } from './subscription.js';

/** What subscriptions need of the connection. */
export interface Line {
  send(frame: object): boolean;
  barrier(passed: () => void): void;
  failed(error: FreshetError): void;
}

/** All subscriptions of a client: they outlive connections. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  /** By the ids the server gave them on this connection. */
  readonly #byServerId = new Map<string, Subscription>();
  readonly #repeats = new Repeats();
  readonly #listeners: Listeners;
  readonly #line: Line;
  readonly #backoff: Backoff;
  #count = 0;

  constructor(listeners: Listeners, line: Line, backoff: Backoff) {
    this.#listeners = listeners;
    this.#line = line;
    this.#backoff = backoff;
  }

  add(options: SubscribeOptions, order: number): string {
    if (typeof options.topic !== 'string' || options.topic === '') throw invalid('topic: missing');
    const subscription = new Subscription(`sub_${++this.#count}`, { ...options }, order);
    this.#byId.set(subscription.id, subscription);
    this.#line.send(subscription.request());
    return subscription.id;
  }

  remove(id: string): void {
    const subscription = this.#byId.get(id);
    if (!subscription) return;
    const { serverId } = subscription;
    this.#forget(subscription, new FreshetError(404, 'NOT_FOUND', `${id} was unsubscribed`));
    if (serverId !== undefined) this.#unsubscribe(serverId);
  }

  ready(id: string): Promise<SubscriptionInfo> {
    const subscription = this.#byId.get(id);
    if (subscription) return subscription.ready();
    return Promise.reject(new FreshetError(404, 'NOT_FOUND', `there is no subscription ${id}`));
  }

  /** What a new connection has to send. */
  waiting(): readonly Outgoing[] {
    return [...this.#byId.values()].map((subscription) => ({
      order: subscription.order,
      send: () => this.#line.send(subscription.request()),
    }));
  }

  down(): void {
    this.#byServerId.clear();
    for (const subscription of this.#byId.values()) subscription.down();
  }

  /** There will be no connection: who waits is told. The subscriptions stay, for a later `connect()`. */
  over(error: FreshetError): void {
    for (const subscription of this.#byId.values()) subscription.failed(error);
  }

  acknowledge(frame: SubscribedFrame): void {
    const subscription = this.#byId.get(frame.ref);
    // Unsubscribed before the server had named it.
    if (!subscription) return this.#unsubscribe(frame.subscriptionId);
    this.#byServerId.set(frame.subscriptionId, subscription);
    const { info, hasGap, passed } = subscription.acknowledge(frame);
    if (passed) this.#line.barrier(passed);
    if (hasGap) this.#listeners.tell('gap', info);
    this.#listeners.tell('subscribed', info);
  }

  /** @returns whether the error was the answer to a subscription */
  refuse(frame: ErrorFrame): boolean {
    const subscription = this.#byId.get(frame.ref ?? '');
    if (!subscription) return false;
    const { id, options } = subscription;
    if (isPassing(frame)) {
      const wait = waitBefore(this.#backoff, subscription.refusals++, Math.random());
      subscription.later(Math.max(wait, frame.retryAfterMs ?? 0), () => {
        this.#line.send(subscription.request());
      });
      return true;
    }
    const details = { subscriptionId: id, topic: options.topic, ...frame.details };
    const error = errorOf({ ...frame, details });
    if (!this.#forget(subscription, error)) this.#line.failed(error);
    return true;
  }

  deliver({ data: event, subscriptionIds }: EventFrame): void {
    const named = subscriptionIds.map((id) => this.#byServerId.get(id));
    const admitting = named.filter((subscription) => subscription?.admits(event));
    const shared = new Set<string>();
    if (admitting.length > 0) shared.add('event').add(`event:${event.topic}`);
    for (const subscription of admitting) {
      if (subscription) shared.add(`event:${subscription.options.topic}`);
    }
    for (const name of shared) {
      const isAlone = this.#byId.size < 2;
      if (isAlone || this.#repeats.isNew(name, event)) this.#listeners.tell(name, event);
    }
    for (const subscription of admitting) {
      if (subscription) this.#listeners.tell(`event:${subscription.id}`, event);
    }
  }

  #unsubscribe(subscriptionId: string): void {
    this.#byServerId.delete(subscriptionId);
    this.#line.send({ type: 'unsubscribe', subscriptionId });
  }

  /** @returns whether anybody waited for it */
  #forget(subscription: Subscription, error: FreshetError): boolean {
    this.#byId.delete(subscription.id);
    return subscription.failed(error);
  }
}
