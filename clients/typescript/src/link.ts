// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { ServerFrame } from './frames.js';
import type { Codec } from './numbers.js';
import type { WebSocketConstructor, WebSocketLike } from './socket.js';

/** How a link ended. Codes are those of WebSocket; 1006: without a word. */
export interface LinkEnd {
  readonly code: number;
  readonly reason: string;
}

export interface LinkOwner {
  opened(): void;
  received(frame: ServerFrame): void;
  /** Once; nothing comes after it. */
  ended(end: LinkEnd): void;
}

const ABNORMAL = 1006;
/** Browsers let programs close with 1000 and with 3000 to 4999 only. */
const NORMAL = 1000;
const NOT_A_FRAME = 4002;

/** One WebSocket from its opening to its end. */
export class Link {
  readonly #socket: WebSocketLike;
  readonly #codec: Codec;
  readonly #owner: LinkOwner;
  #failure = '';
  #isOver = false;
  #isHeard = true;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  /** What waits for an answer to a ping each, in the order the pings were sent. */
  #pinged: (() => void)[] = [];

  constructor(url: string, WebSocket: WebSocketConstructor, codec: Codec, owner: LinkOwner) {
    this.#codec = codec;
    this.#owner = owner;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => !this.#isOver && owner.opened();
    this.#socket.onmessage = (event: { readonly data: unknown }) => this.#read(event.data);
    this.#socket.onerror = (event: { readonly message?: unknown }) => {
      if (typeof event.message === 'string') this.#failure = event.message;
    };
    this.#socket.onclose = (event: LinkEnd) => this.#end(event.code, event.reason);
  }

  send(text: string): void {
    if (!this.#isOver) this.#socket.send(text);
  }

  /** Calls back when everything the server sent before it saw this ping has been received. */
  ping(answered: () => void = () => {}): void {
    this.#pinged.push(answered);
    this.send('{"type":"ping"}');
  }

  /** From now on a server that says nothing during two intervals counts as gone. */
  beat(intervalMs: number): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (!this.#isHeard) return this.close(ABNORMAL, 'the server has fallen silent');
      this.#isHeard = false;
      this.ping();
    }, intervalMs);
  }

  /** Ends it at once, without waiting for what a silent server would say to that. */
  close(code = NORMAL, reason = ''): void {
    if (this.#isOver) return;
    this.#socket.close(code === ABNORMAL ? NORMAL : code, reason);
    this.#end(code, reason);
  }

  #read(data: unknown): void {
    if (this.#isOver) return;
    this.#isHeard = true;
    let frames: unknown;
    try {
      frames = this.#codec.parse(String(data));
    } catch {
      return this.close(NOT_A_FRAME, 'not JSON');
    }
    for (const frame of Array.isArray(frames) ? (frames as unknown[]) : [frames]) {
      if (!this.#isOver) this.#frame(frame as ServerFrame | null);
    }
  }

  #frame(frame: ServerFrame | null): void {
    if (frame?.type === 'pong') this.#pinged.shift()?.();
    else if (frame) this.#owner.received(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#heartbeat);
    this.#owner.ended({ code, reason: reason || this.#failure });
  }
}
