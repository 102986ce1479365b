// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { refusal, unreachable } from './errors.js';
import type { PrismaPulseError } from './errors.js';

const ANSWER_MS = 30_000;
const RETRY_AFTER_SECONDS_MAX = 300;
const BODY_BYTES_MAX = 64 << 10;
/** A document has 16 MiB at most, and an event two of them. */
const MESSAGE_BYTES_MAX = 64 << 20;

export interface Knocking {
  /** It will come to something by itself, or not at all: this ends it. */
  readonly socket: WebSocket;
  /** @throws Refused */
  readonly opened: Promise<void>;
}

/** A handshake that came to nothing. */
export class Refused {
  readonly error: PrismaPulseError;
  /** When the server wants to be asked again. */
  readonly retryAfterMs: number;

  constructor(error: PrismaPulseError, retryAfterMs = 0) {
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * One handshake.
 *
 * @throws TypeError if a header cannot be sent
 */
export function knock(door: URL, headers: Record<string, string>): Knocking {
  const socket = new WebSocket(door, {
    headers,
    handshakeTimeout: ANSWER_MS,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  const clientVersion = headers['prisma-client-version'] ?? '';
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', (cause) =>
      reject(new Refused(unreachable(door.href, cause, clientVersion))),
    );
    socket.once('unexpected-response', (request, response) => {
      void bodyOf(response)
        .then((body) => reject(refusedBy(response, body, clientVersion)))
        .finally(() => request.destroy());
    });
  });
  return { socket, opened };
}

function refusedBy(response: IncomingMessage, body: string, clientVersion: string): Refused {
  const { statusCode = 0, headers } = response;
  const seconds = Number(headers['retry-after'] ?? 0);
  const retryAfterMs = seconds > 0 ? Math.min(seconds, RETRY_AFTER_SECONDS_MAX) * 1000 : 0;
  return new Refused(refusal(statusCode, body, clientVersion), retryAfterMs);
}

/** As much of it as came. */
function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(late);
      resolve(Buffer.concat(parts).toString());
    };
    const late = setTimeout(done, ANSWER_MS);
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= BODY_BYTES_MAX) parts.push(part);
      else done();
    });
    response.once('end', done).once('error', done).once('close', done);
  });
}
