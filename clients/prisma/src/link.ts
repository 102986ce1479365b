// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type WebSocket from 'ws';
import type { Backoff } from './backoff.js';
import { waitBefore } from './backoff.js';
import type { PrismaPulseError } from './errors.js';
import type { Rhythm } from './heartbeat.js';
import { Heartbeat } from './heartbeat.js';
import { knock, Refused } from './knock.js';

export interface LinkOwner {
  opened(): void;
  received(text: string): void;
  /** The connection fell; another one is tried for. */
  down(): void;
  /** There will be no other one. */
  failed(error: PrismaPulseError): void;
  /** The last connection is closed. */
  closed(): void;
  /** Another attempt is to come. */
  retrying(error: PrismaPulseError | undefined, delayMs: number): void;
}

export interface LinkSettings {
  readonly backoff: Backoff;
  /** Milliseconds in which another client's hold on the name may be our own former connection. */
  readonly nameTakenMs: number;
  readonly rhythm: Rhythm;
}

/** After this long a connection counts as one that holds. */
const STEADY_MS = 5_000;
/** For the other side's word of farewell. */
const CLOSE_MS = 2_000;

const TAKEN = 409;
/** Besides all of 500 and above: what says "later" rather than "no". */
const PASSING = new Set([408, 425, 429]);

/** One connection after the other to the same door, until it is stopped or refused for good. */
export class Link {
  readonly #door: URL;
  readonly #headers: Record<string, string>;
  readonly #settings: LinkSettings;
  readonly #owner: LinkOwner;
  #socket: WebSocket | undefined;
  #heartbeat: Heartbeat | undefined;
  #isOpen = false;
  #isOver = false;
  #isPaused = false;
  /** Attempts in a row that led to no connection that held. */
  #failures = 0;
  #openedAt = 0;
  #takenSince: number | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    door: URL,
    headers: Record<string, string>,
    settings: LinkSettings,
    owner: LinkOwner,
  ) {
    this.#door = door;
    this.#headers = headers;
    this.#settings = settings;
    this.#owner = owner;
  }

  /**
   * The first connection. It is not tried for twice.
   *
   * @throws PrismaPulseError
   */
  async open(): Promise<void> {
    try {
      await this.#attempt();
    } catch (failure) {
      this.#isOver = true;
      this.#owner.closed();
      throw failure instanceof Refused ? failure.error : failure;
    }
  }

  /** @returns whether there is a connection */
  send(text: string): boolean {
    if (!this.#isOpen) return false;
    this.#socket?.send(text);
    return true;
  }

  /** Leaves what comes to the network, and so to the server. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!this.#isOpen) return;
    this.#heartbeat?.deaf(isPaused);
    if (isPaused) this.#socket?.pause();
    else this.#socket?.resume();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (!socket) return this.#owner.closed();
    socket.resume(); // or its end would not be read
    if (!this.#isOpen) return socket.terminate();
    socket.close();
    const late = setTimeout(() => socket.terminate(), CLOSE_MS);
    socket.once('close', () => clearTimeout(late));
  }

  async #attempt(): Promise<void> {
    const { socket, opened } = knock(this.#door, this.#headers);
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#received(data));
    socket.on('pong', () => this.#heartbeat?.heard());
    // In the same turn as the handshake's end, or what came with it would be read first.
    socket.once('open', () => this.#opened(socket));
    socket.once('close', () => this.#closed(socket));
    try {
      await opened;
    } catch (failure) {
      if (this.#socket === socket) this.#socket = undefined;
      throw failure;
    }
  }

  #opened(socket: WebSocket): void {
    if (this.#isOver) return socket.terminate();
    this.#isOpen = true;
    this.#openedAt = Date.now();
    this.#takenSince = undefined;
    this.#heartbeat = new Heartbeat(this.#settings.rhythm, {
      ping: () => socket.ping(),
      silent: () => socket.terminate(),
    });
    if (this.#isPaused) this.pause(true);
    this.#owner.opened();
  }

  #received(data: Buffer): void {
    this.#heartbeat?.heard();
    if (!this.#isOver) this.#owner.received(data.toString());
  }

  #closed(socket: WebSocket): void {
    const wasOpen = this.#isOpen && this.#socket === socket;
    if (!wasOpen) return; // the attempt that made it says what is to be said
    this.#isOpen = false;
    this.#socket = undefined;
    this.#heartbeat?.stop();
    if (this.#isOver) return this.#owner.closed();
    if (Date.now() - this.#openedAt >= STEADY_MS) this.#failures = 0;
    this.#owner.down();
    this.#later(undefined);
  }

  #later(failure: Refused | undefined): void {
    const wait = waitBefore(this.#settings.backoff, this.#failures++, Math.random());
    const delayMs = Math.max(wait, failure?.retryAfterMs ?? 0);
    this.#retry = setTimeout(() => void this.#again(), delayMs);
    this.#owner.retrying(failure?.error, delayMs);
  }

  async #again(): Promise<void> {
    try {
      await this.#attempt();
    } catch (failure) {
      if (this.#isOver) return this.#owner.closed();
      if (failure instanceof Refused && this.#isPassing(failure.error)) return this.#later(failure);
      this.#isOver = true;
      this.#owner.failed(failure instanceof Refused ? failure.error : (failure as never));
      this.#owner.closed();
    }
  }

  #isPassing({ status }: PrismaPulseError): boolean {
    if (status === TAKEN) {
      this.#takenSince ??= Date.now();
      return Date.now() - this.#takenSince < this.#settings.nameTakenMs;
    }
    return status === undefined || status >= 500 || PASSING.has(status);
  }
}
