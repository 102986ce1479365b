// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { PrismaPulseError } from './errors.js';
import { unreadable } from './errors.js';
import { Link } from './link.js';
import type { LinkSettings } from './link.js';
import { decoded, eventIn } from './values.js';
import type { DecimalClass, WireEvent } from './values.js';

/** A server lets far less of a stream with a name be under way; other streams wait in the network. */
const WAITING_EVENTS_MAX = 1_000;
const WAITING_CHARACTERS_MAX = 4 << 20;

const EVENT_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export interface FeedSettings extends LinkSettings {
  /** Whether the server keeps a place, under a name. */
  readonly isLasting: boolean;
  readonly clientVersion: string;
  readonly decimal: DecimalClass;
  readonly onRetry: (error: PrismaPulseError | undefined, delayMs: number) => void;
}

interface Arrived {
  readonly event: WireEvent;
  readonly characters: number;
}

interface Waiter {
  readonly resolve: (event: object | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One stream through all connections: what waits to be read, and what has been acknowledged.
 *
 * The server sends everything after the place again over each new connection. What the program has
 * not been handed yet is then dropped here; what it has been handed is not handed again.
 */
export class Feed {
  readonly #settings: FeedSettings;
  readonly #link: Link;
  readonly closed: Promise<void>;
  #waiting: Arrived[] = [];
  #characters = 0;
  #isPaused = false;
  #wanted: Waiter | undefined;
  #isOver = false;
  #error: unknown;
  /** The newest event the program has been handed. */
  #handed: string | undefined;
  /** The newest of those that it has acknowledged. */
  #acknowledged: string | undefined;
  /** Acknowledged while there was no connection, but not handed: of a former run, perhaps. */
  #foreign: string | undefined;

  constructor(door: URL, headers: Record<string, string>, settings: FeedSettings) {
    this.#settings = settings;
    let close = () => {};
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.#link = new Link(door, headers, settings, {
      opened: () => this.#opened(),
      received: (text) => this.#received(text),
      down: () => this.#down(),
      failed: (error) => this.#finish(error),
      retrying: settings.onRetry,
      closed: close,
    });
  }

  /** @throws PrismaPulseError */
  open(): Promise<void> {
    return this.#link.open();
  }

  /**
   * The next event; undefined at the end. Asked for one at a time.
   *
   * @throws PrismaPulseError
   */
  next(): Promise<object | undefined> {
    const arrived = this.#waiting.shift();
    if (arrived) {
      this.#characters -= arrived.characters;
      this.#makeRoom();
      return this.#hand(arrived.event);
    }
    if (this.#isOver) {
      return this.#error === undefined ? Promise.resolve(undefined) : Promise.reject(this.#error);
    }
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
    });
  }

  /** Everything up to that event is done with. Older and unknown ids do nothing. */
  acknowledge(id: string): void {
    if (this.#isOver || !this.#settings.isLasting || !EVENT_ID.test(id)) return;
    if (this.#handed !== undefined && id <= this.#handed) {
      this.#acknowledged = newer(this.#acknowledged, id);
    } else {
      this.#foreign = newer(this.#foreign, id);
    }
    this.#sendAcknowledgement(id);
  }

  /** Nothing more is handed out. */
  stop(): void {
    if (!this.#isOver) this.#finish();
    this.#link.stop();
  }

  #opened(): void {
    for (const id of [this.#acknowledged, this.#foreign]) {
      if (id !== undefined) this.#sendAcknowledgement(id);
    }
    this.#foreign = undefined;
  }

  #received(text: string): void {
    if (this.#isOver) return;
    let event: WireEvent | null;
    try {
      event = eventIn(text);
    } catch (cause) {
      this.#finish(unreadable(cause, this.#settings.clientVersion));
      return this.#link.stop();
    }
    if (event === null || this.#isHandedAlready(event.id)) return;
    this.#waiting.push({ event, characters: text.length });
    this.#characters += text.length;
    const wanted = this.#wanted;
    if (wanted) {
      this.#wanted = undefined;
      this.next().then(wanted.resolve, wanted.reject);
    } else if (!this.#isPaused && this.#isOverBound(1)) {
      this.#isPaused = true;
      this.#link.pause(true);
    }
  }

  /** Comes again because its acknowledgement was lost with a connection, or by a server that fell. */
  #isHandedAlready(id: string): boolean {
    if (!this.#settings.isLasting || this.#handed === undefined || id > this.#handed) return false;
    if (this.#acknowledged !== undefined && id <= this.#acknowledged) this.#sendAcknowledgement(id);
    return true;
  }

  #down(): void {
    if (!this.#settings.isLasting) return;
    this.#clear();
    this.#makeRoom();
  }

  #hand(event: WireEvent): Promise<object> {
    this.#handed = newer(this.#handed, event.id);
    try {
      return Promise.resolve(decoded(event, this.#settings.decimal));
    } catch (cause) {
      const error = unreadable(cause, this.#settings.clientVersion);
      this.#finish(error);
      this.#link.stop();
      return Promise.reject(error);
    }
  }

  #finish(error?: PrismaPulseError): void {
    this.#isOver = true;
    this.#error = error;
    // What waits belongs to whoever reads the name next; else it is all there is.
    if (error === undefined || this.#settings.isLasting) this.#clear();
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) this.next().then(wanted.resolve, wanted.reject);
  }

  #clear(): void {
    this.#waiting = [];
    this.#characters = 0;
  }

  #makeRoom(): void {
    if (!this.#isPaused || this.#isOverBound(0.5)) return;
    this.#isPaused = false;
    this.#link.pause(false);
  }

  #isOverBound(part: number): boolean {
    return (
      this.#waiting.length > WAITING_EVENTS_MAX * part ||
      this.#characters > WAITING_CHARACTERS_MAX * part
    );
  }

  #sendAcknowledgement(id: string): void {
    this.#link.send(JSON.stringify({ type: 'ack', id }));
  }
}

/** Ids have the order of the log, as text. */
function newer(one: string | undefined, other: string): string {
  return one === undefined || other > one ? other : one;
}
