// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { waitBefore } from './backoff.js';
import type { Backoff } from './backoff.js';
import type { StreamLag } from './changes.js';
import type { StreamRequest } from './collection.js';
import { errorOf, isPassing, unavailable } from './errors.js';
import type { FreshetError } from './errors.js';
import type { ChangeFrame, ErrorFrame, StreamingFrame, StreamStateFrame } from './frames.js';
import type { Outgoing } from './requests.js';
import { Stream } from './stream.js';
import type { StreamOwner } from './stream.js';

/** All streams of a client: they outlive connections. */
export class Streams implements StreamOwner {
  readonly send: StreamOwner['send'];
  readonly #backoff: Backoff;
  readonly #byRef = new Map<string, Stream>();
  /** By the ids the server gave them on this connection. */
  readonly #byServerId = new Map<string, Stream>();
  #count = 0;

  constructor(send: StreamOwner['send'], backoff: Backoff) {
    this.send = send;
    this.#backoff = backoff;
  }

  add(
    request: StreamRequest,
    onLag: ((lag: StreamLag) => void) | undefined,
    order: number,
  ): Stream {
    const stream = new Stream(`st_${++this.#count}`, order, request, onLag, this);
    stream.ask();
    this.#byRef.set(stream.ref, stream);
    return stream;
  }

  gone(stream: Stream): void {
    this.#byRef.delete(stream.ref);
  }

  /** What a new connection has to send. */
  waiting(): readonly Outgoing[] {
    return [...this.#byRef.values()].map((stream) => ({
      order: stream.order,
      send: () => stream.ask(),
    }));
  }

  down(): void {
    this.#byServerId.clear();
    for (const stream of [...this.#byRef.values()]) stream.down();
  }

  /** There will be no connection; without an error, because the program wants none. */
  over(error: FreshetError | undefined): void {
    for (const stream of [...this.#byRef.values()]) stream.over(error);
  }

  opened(frame: StreamingFrame): void {
    const stream = this.#byRef.get(frame.ref);
    if (!stream) return;
    this.#byServerId.set(frame.streamId, stream);
    stream.opened(frame);
  }

  deliver({ streamId, event }: ChangeFrame): void {
    this.#byServerId.get(streamId)?.received(event);
  }

  lags({ type: _, streamId, ...lag }: StreamStateFrame): void {
    this.#byServerId.get(streamId)?.lags(lag);
  }

  stopped(streamId: string): void {
    const stream = this.#byServerId.get(streamId);
    this.#byServerId.delete(streamId);
    stream?.over(unavailable('the server has stopped the stream'));
  }

  /** @returns whether the error was about a stream */
  refuse(frame: ErrorFrame): boolean {
    const { streamId = '', ref = '' } = frame;
    const stream = this.#byServerId.get(streamId) ?? this.#byRef.get(ref);
    if (!stream) return false;
    this.#byServerId.delete(streamId);
    if (streamId === '' && isPassing(frame)) {
      const wait = waitBefore(this.#backoff, stream.refusals++, Math.random());
      stream.askLater(Math.max(wait, frame.retryAfterMs ?? 0));
    } else {
      stream.over(errorOf(frame));
    }
    return true;
  }
}
