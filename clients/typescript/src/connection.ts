// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { waitBefore } from './backoff.js';
import type { Backoff } from './backoff.js';
import { errorOf, FreshetError, unavailable } from './errors.js';
import type { ErrorFrame, ServerFrame, WelcomeFrame } from './frames.js';
import { Link } from './link.js';
import type { LinkEnd } from './link.js';
import type { Codec } from './numbers.js';
import { findWebSocket, NoWebSocketError } from './socket.js';
import type { WebSocketConstructor } from './socket.js';
import { fetchToken, waitBeforeRenewal } from './tokens.js';
import type { Token, TokenSource } from './tokens.js';

/**
 * `connecting`: for the first time. `connected`: the server has said welcome. `reconnecting`: the
 * connection failed, and is tried again. `disconnected`: nothing is tried any more.
 */
export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected';

/** Why the state changed. */
export interface ConnectionDetail {
  readonly previous: ConnectionState;
  /** The WebSocket's close code, if one closed; 1006: without a word. */
  readonly code?: number;
  readonly reason?: string;
  /** In `reconnecting`: which attempt comes next, from 1, and after how many milliseconds. */
  readonly attempt?: number;
  readonly delayMs?: number;
  /** In `disconnected`: why nothing is tried any more; absent after `disconnect()`. */
  readonly error?: FreshetError;
}

export interface ConnectionOptions {
  readonly address: string;
  readonly token: TokenSource | undefined;
  /** How many attempts in a row may fail. */
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly timeoutMs: number;
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly codec: Codec;
}

export interface ConnectionOwner {
  changed(state: ConnectionState, detail: ConnectionDetail): void;
  /** The server has said welcome: what waits can be sent. */
  up(): void;
  /** What was sent and not answered will not be. */
  down(end: LinkEnd): void;
  received(frame: ServerFrame): void;
  /**
   * Nothing is tried any more.
   *
   * @param isWanted whether the program has said so
   */
  over(error: FreshetError, isWanted: boolean): void;
  /** Something failed that did not end the connection. */
  failed(error: FreshetError): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: FreshetError) => void;
}

const HEARTBEAT_MS = 25_000;
const UNAUTHENTICATED = 4001;
const FORBIDDEN = 4003;
const TOKEN_EXPIRED = 4009;
const SILENT = 1006;
const NORMAL = 1000;
/** So many refused logins in a row may be for want of a newer token. */
const REFUSALS_MAX = 2;
/** A renewal that failed is not tried again when this little is left. */
const RENEWAL_MS_MIN = 1_000;

/** Keeps one link up: opens it, logs in, renews the login, and opens the next one when it falls. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  #state: ConnectionState = 'disconnected';
  /** Counts links; what comes from an earlier one is late. */
  #turn = 0;
  #link: Link | undefined;
  #isUp = false;
  #upSince = 0;
  #waiters: Waiter[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewalTimer: ReturnType<typeof setTimeout> | undefined;
  #renewal: (Waiter & { readonly done: Promise<void> }) | undefined;
  #token: Token | undefined;
  /** Failures in a row; those that lengthen the wait; logins that were refused. */
  #failures = 0;
  #waits = 0;
  #refusals = 0;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get canRenew(): boolean {
    return typeof this.#options.token === 'function';
  }

  /** While waiting for the next attempt, makes it at once. */
  begin(): void {
    if (this.#state === 'disconnected') {
      this.#failures = this.#waits = this.#refusals = 0;
      this.#become('connecting');
      void this.#open();
    } else if (this.#state === 'reconnecting' && !this.#link) {
      void this.#open();
    }
  }

  /** Begins, and waits for the welcome. */
  connect(): Promise<void> {
    if (this.#state === 'connected') return Promise.resolve();
    const done = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.begin();
    return done;
  }

  disconnect(): void {
    if (this.#state !== 'disconnected') this.#stop(unavailable('disconnected by the program'));
  }

  /** @returns whether it was sent; while there is no connection nothing is kept */
  send(text: string): boolean {
    if (this.#isUp) this.#link?.send(text);
    return this.#isUp;
  }

  /** Calls back when all that the server has sent so far has been received; not if the link falls. */
  barrier(passed: () => void): void {
    this.#link?.ping(passed);
  }

  /** Logs in anew on the open connection, with a new token. */
  renew(): Promise<void> {
    if (!this.#renewal) {
      let resolve = () => {};
      let reject: Waiter['reject'] = () => {};
      const done = new Promise<void>((yes, no) => {
        resolve = yes;
        reject = no;
      });
      this.#renewal = { done, resolve, reject };
      done.catch(() => {}); // whoever asked is told
      clearTimeout(this.#renewalTimer);
      this.#renewalTimer = setTimeout(() => {
        this.#renewalFailed(unavailable('the server does not answer to a new token'));
      }, this.#options.timeoutMs);
      void this.#showNewToken();
    }
    return this.#renewal.done;
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const isLate = () => turn !== this.#turn;
    const { address, codec, timeoutMs } = this.#options;
    this.#timer = setTimeout(() => {
      this.#lost({ code: SILENT, reason: `no welcome within ${timeoutMs} ms` });
    }, timeoutMs);
    try {
      const WebSocket = this.#options.WebSocket ?? (await findWebSocket());
      const token = await fetchToken(this.#options.token);
      if (isLate()) return;
      this.#token = token;
      this.#link = new Link(address, WebSocket, codec, {
        opened: () => this.#showToken(),
        received: (frame) => isLate() || this.#received(frame),
        ended: (end) => isLate() || this.#lost(end),
      });
    } catch (error) {
      if (isLate()) return;
      if (error instanceof NoWebSocketError) this.#stop(error, { error });
      else this.#lost({ code: SILENT, reason: tokenFailure(error).message });
    }
  }

  #showToken(): void {
    if (!this.#token) return;
    this.#link?.send(JSON.stringify({ type: 'auth', token: this.#token.token }));
  }

  /** For a link that is open, whether it is up or was refused. */
  async #showNewToken(): Promise<void> {
    const turn = this.#turn;
    try {
      const token = await fetchToken(this.#options.token);
      if (turn !== this.#turn) return;
      this.#token = token;
      this.#showToken();
    } catch (error) {
      if (turn !== this.#turn) return;
      const failure = tokenFailure(error);
      if (this.#isUp) this.#renewalFailed(failure);
      else this.#lost({ code: SILENT, reason: failure.message });
    }
  }

  #received(frame: ServerFrame): void {
    const { type } = frame;
    if (type === 'welcome' || type === 'authenticated') return this.#welcome(frame);
    if (type !== 'error') return this.#owner.received(frame);
    if ((frame.requestId ?? frame.ref ?? frame.streamId) !== undefined)
      return this.#owner.received(frame);
    if (!this.#isUp) return this.#refused(frame);
    if (this.#renewal && frame.status === 401) return this.#renewalFailed(errorOf(frame));
    if (frame.code === 'TOKEN_EXPIRED' && this.canRenew) return void this.renew();
    this.#owner.failed(errorOf(frame));
  }

  #renewalFailed(error: FreshetError): void {
    clearTimeout(this.#renewalTimer);
    this.#endRenewal(error);
    this.#owner.failed(error);
  }

  /** The first one of a link says that it is up; further ones answer further logins. */
  #welcome(frame: WelcomeFrame): void {
    this.#renewIn(frame.expiresAt);
    if (this.#isUp) return this.#endRenewal();
    clearTimeout(this.#timer);
    this.#isUp = true;
    this.#upSince = Date.now();
    this.#failures = this.#refusals = 0;
    this.#link?.beat(frame.heartbeatMs ?? HEARTBEAT_MS);
    // First what waits: whoever is told of the state may ask for more, and that is sent at once.
    this.#owner.up();
    this.#become('connected');
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach((waiter) => waiter.resolve());
  }

  #refused(frame: ErrorFrame): void {
    const error = errorOf(frame);
    if (error.status === 429 || error.status === 503) {
      return this.#lost({ code: SILENT, reason: error.message }, frame.retryAfterMs);
    }
    const isHopeless = error.status !== 401 || !this.canRenew || this.#refusals++ >= REFUSALS_MAX;
    if (isHopeless) this.#stop(error, { error });
    else void this.#showNewToken();
  }

  #renewIn(expiresAt: number | undefined): void {
    clearTimeout(this.#renewalTimer);
    if (!this.canRenew) return;
    const ends = [expiresAt, this.#token?.expiresAt].filter((end) => end !== undefined);
    const end = ends.length > 0 ? Math.min(...ends) : undefined;
    const wait = waitBeforeRenewal(end, Date.now());
    if (wait === undefined) return;
    this.#renewalTimer = setTimeout(() => {
      this.renew().catch(() => {
        const left = (end ?? 0) - Date.now();
        if (this.#isUp && left > RENEWAL_MS_MIN) this.#renewIn(end);
      });
    }, wait);
  }

  #endRenewal(error?: FreshetError): void {
    const renewal = this.#renewal;
    this.#renewal = undefined;
    if (error) renewal?.reject(error);
    else renewal?.resolve();
  }

  #lost(end: LinkEnd, waitMsMin = 0): void {
    const { backoff } = this.#options;
    if (this.#isUp && Date.now() - this.#upSince >= backoff.max) this.#waits = 0;
    const error = this.#lastWord(end);
    if (error) return this.#stop(error, { ...end, error }, end);
    this.#leave(end);
    const turn = this.#turn;
    const delayMs = Math.max(waitBefore(backoff, this.#waits++, Math.random()), waitMsMin);
    this.#failures++;
    this.#become('reconnecting', { ...end, attempt: this.#failures, delayMs });
    // Whoever was told may have connected or disconnected.
    if (turn === this.#turn) this.#timer = setTimeout(() => void this.#open(), delayMs);
  }

  /** Why nothing more is tried after this end, if so. */
  #lastWord({ code, reason }: LinkEnd): FreshetError | undefined {
    const why = reason || `closed with code ${code}`;
    if (code === FORBIDDEN) return new FreshetError(403, 'FORBIDDEN', why);
    if (code === TOKEN_EXPIRED && !this.canRenew) {
      return new FreshetError(401, 'TOKEN_EXPIRED', why);
    }
    if (code === UNAUTHENTICATED && (!this.canRenew || this.#refusals++ >= REFUSALS_MAX)) {
      return new FreshetError(401, 'UNAUTHENTICATED', why);
    }
    if (this.#failures < this.#options.attempts) return undefined;
    return unavailable(`no connection to ${this.#options.address}: ${why}`);
  }

  /** Nothing more is tried. An error is told to those who wait, or else reported. */
  #stop(
    why: FreshetError,
    detail: Omit<ConnectionDetail, 'previous'> = {},
    end: LinkEnd = { code: NORMAL, reason: '' },
  ): void {
    this.#leave(end);
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#owner.over(why, !detail.error);
    waiters.forEach((waiter) => waiter.reject(why));
    this.#become('disconnected', detail);
    if (detail.error && waiters.length === 0) this.#owner.failed(detail.error);
  }

  /** Lets go of the link, if there is one, and of what belongs to it. */
  #leave(end: LinkEnd): void {
    this.#turn++;
    clearTimeout(this.#timer);
    clearTimeout(this.#renewalTimer);
    const link = this.#link;
    const wasUp = this.#isUp;
    this.#link = undefined;
    this.#isUp = false;
    link?.close();
    this.#endRenewal(unavailable('the connection fell while the login was renewed'));
    if (wasUp) this.#owner.down(end);
  }

  #become(state: ConnectionState, detail: Omit<ConnectionDetail, 'previous'> = {}): void {
    const previous = this.#state;
    this.#state = state;
    this.#owner.changed(state, { previous, ...detail });
  }
}

function tokenFailure(error: unknown): FreshetError {
  const reason = error instanceof Error ? error.message : String(error);
  return new FreshetError(401, 'UNAUTHENTICATED', `the token function failed: ${reason}`, {
    cause: error,
  });
}
