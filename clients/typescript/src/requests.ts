// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { errorOf, FreshetError, invalid, notDurable, unavailable } from './errors.js';
import type { ErrorFrame, ResultFrame } from './frames.js';

/** Something to send as soon as there is a connection; lower orders first. */
export interface Outgoing {
  readonly order: number;
  send(): void;
}

/** An operation as the caller wants it done. */
export interface Operation {
  readonly requestId: string;
  readonly text: string;
  readonly isWrite: boolean;
}

export interface RequestLimits {
  readonly timeoutMs: number;
  readonly pendingMax: number;
}

interface Request extends Operation {
  readonly order: number;
  readonly resolve: (result: ResultFrame) => void;
  readonly reject: (error: FreshetError) => void;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
  sends: number;
  firstSentAt: number;
  isRenewed: boolean;
}

/** The server remembers request ids for ten minutes. */
const RESENT_WITHIN_MS = 9 * 60_000;
/** What brings the connection down every time must not do so for ever. */
const SENDS_MAX = 4;
/** Close code of a server that got a larger message than it takes. */
const MESSAGE_TOO_BIG = 1009;

/**
 * Operations that have not been answered. When the connection falls they are sent again over the
 * next one, in their order and with the same request ids, by which the server knows what it has
 * done already.
 */
export class Requests {
  readonly #pending = new Map<string, Request>();
  readonly #limits: RequestLimits;
  readonly #send: (text: string) => boolean;
  readonly #renew: (() => Promise<void>) | undefined;

  /** @param renew gets a new login, if that is possible */
  constructor(
    limits: RequestLimits,
    send: (text: string) => boolean,
    renew: (() => Promise<void>) | undefined,
  ) {
    this.#limits = limits;
    this.#send = send;
    this.#renew = renew;
  }

  call(operation: Operation, order: number): Promise<ResultFrame> {
    const { requestId } = operation;
    if (this.#pending.has(requestId)) {
      return Promise.reject(invalid(`request ${requestId} has not been answered yet`));
    }
    if (this.#pending.size >= this.#limits.pendingMax) {
      const message = `${this.#pending.size} operations wait for an answer already`;
      return Promise.reject(new FreshetError(503, 'OVERLOADED', message, {}, requestId));
    }
    return new Promise((resolve, reject) => {
      const timer =
        this.#limits.timeoutMs > 0
          ? setTimeout(() => this.#timeOut(requestId), this.#limits.timeoutMs)
          : undefined;
      const state = { sends: 0, firstSentAt: 0, isRenewed: false };
      const request = { ...operation, order, resolve, reject, timer, ...state };
      this.#pending.set(requestId, request);
      this.#transmit(request);
    });
  }

  /** What a new connection has to send. */
  waiting(): readonly Outgoing[] {
    return [...this.#pending.values()].map((request) => ({
      order: request.order,
      send: () => this.#transmit(request),
    }));
  }

  /**
   * The connection fell: what cannot be sent again safely ends.
   *
   * @param code of the close
   */
  down(code: number): void {
    const now = Date.now();
    if (code === MESSAGE_TOO_BIG) this.#refuseLargest();
    for (const request of [...this.#pending.values()]) {
      const isOld = request.sends > 0 && now - request.firstSentAt > RESENT_WITHIN_MS;
      if (isOld || request.sends >= SENDS_MAX) this.#abandon(request, 'the connection fell');
    }
  }

  /** There will be no connection. */
  over(why: string): void {
    for (const request of [...this.#pending.values()]) this.#abandon(request, why);
  }

  answer(frame: ResultFrame): void {
    this.#take(frame.requestId)?.resolve(frame);
  }

  /** @returns whether the error was the answer to an operation */
  refuse(frame: ErrorFrame): boolean {
    const request = this.#pending.get(frame.requestId ?? '');
    if (!request) return false;
    if (frame.code === 'TOKEN_EXPIRED' && this.#renew && !request.isRenewed) {
      request.isRenewed = true;
      this.#renew().then(
        () => this.#pending.has(request.requestId) && this.#transmit(request),
        () => this.#take(request.requestId)?.reject(errorOf(frame)),
      );
      return true;
    }
    this.#take(request.requestId)?.reject(errorOf(frame));
    return true;
  }

  /** The server does not say which message was too big for it. */
  #refuseLargest(): void {
    const sent = [...this.#pending.values()].filter((request) => request.sends > 0);
    const largest = sent.sort((a, b) => b.text.length - a.text.length)[0];
    if (!largest) return;
    const message = `a message of ${largest.text.length} characters is larger than the server takes`;
    this.#take(largest.requestId)?.reject(
      new FreshetError(413, 'PAYLOAD_TOO_LARGE', message, {}, largest.requestId),
    );
  }

  #transmit(request: Request): void {
    if (!this.#send(request.text)) return;
    request.sends++;
    request.firstSentAt ||= Date.now();
  }

  #timeOut(requestId: string): void {
    const request = this.#pending.get(requestId);
    if (request) this.#abandon(request, `no answer within ${this.#limits.timeoutMs} ms`);
  }

  #abandon(request: Request, why: string): void {
    this.#take(request.requestId);
    const isUncertain = request.isWrite && request.sends > 0;
    request.reject(
      isUncertain
        ? notDurable(`${why}; whether the write was done is not known`, request.requestId)
        : unavailable(why, request.requestId),
    );
  }

  #take(requestId: string): Request | undefined {
    const request = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    clearTimeout(request?.timer);
    return request;
  }
}
