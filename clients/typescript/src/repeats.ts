// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { SyncEvent } from './documents.js';

const KEPT_MAX = 5_000;

/**
 * Events that several subscriptions bring, each in a message of its own: that happens when they
 * catch up after a reconnect. Who listens to a topic is told once.
 */
export class Repeats {
  readonly #told = new Set<string>();

  isNew(name: string, event: SyncEvent<object>): boolean {
    const { operation, resync, returnMode, match = '' } = event.metadata;
    if (operation === 'snapshot' || resync) return true;
    const key = [name, event.topic, returnMode, match, event.id].join(' ');
    if (this.#told.has(key)) return false;
    const [oldest] = this.#told;
    if (oldest !== undefined && this.#told.size >= KEPT_MAX) this.#told.delete(oldest);
    this.#told.add(key);
    return true;
  }
}
