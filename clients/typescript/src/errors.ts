// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** Codes a program may want to tell apart. The server may send others; see its error reference. */
export type ErrorCode =
  | 'INVALID_JSON'
  | 'INVALID_ARGUMENT'
  | 'INVALID_PATH'
  | 'UNKNOWN_OPERATOR'
  | 'PATH_CONFLICT'
  | 'FORBIDDEN_KEY'
  | 'NUMBER_OUT_OF_RANGE'
  | 'TOO_DEEP'
  | 'TOO_MANY_OPS'
  | 'UNAUTHENTICATED'
  | 'TOKEN_EXPIRED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'REVISION_CONFLICT'
  | 'ALREADY_EXISTS'
  | 'TEST_FAILED'
  | 'PRECONDITION_FAILED'
  | 'DOCUMENT_TOO_LARGE'
  | 'PAYLOAD_TOO_LARGE'
  | 'TYPE_MISMATCH'
  | 'PATH_NOT_FOUND'
  | 'SCHEMA_VIOLATION'
  | 'INVALID_FILTER'
  | 'UNKNOWN_COLLECTION'
  | 'NAME_IN_USE'
  | 'CURSOR_EXPIRED'
  | 'SOURCE_GAP'
  | 'STREAMS_DISABLED'
  | 'READ_ONLY'
  | 'LIMIT_REACHED'
  | 'RATE_LIMITED'
  | 'OVERLOADED'
  | 'UNAVAILABLE'
  | 'NOT_DURABLE'
  | (string & {});

/**
 * What went wrong, in the same form whether the server or this client says it.
 *
 * Every error of status 409 has the word `conflict` in its message, and no other has. Two codes are
 * about a write whose answer did not come: `UNAVAILABLE` (it was never sent) and `NOT_DURABLE` (it
 * was sent; nobody knows whether it was done. Sending it again with the same `requestId` within ten
 * minutes does it once).
 */
export class FreshetError extends Error {
  override readonly name = 'FreshetError';
  /** The HTTP status that says the same. */
  readonly status: number;
  readonly code: ErrorCode;
  /** Particulars, by code: `service`, `id`, `expectedRevision`, `currentRevision`, `current` … */
  readonly details: Readonly<Record<string, unknown>>;
  /** Of the operation that failed, if it was one. */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    requestId?: string,
  ) {
    super(status === 409 && !message.includes('conflict') ? `conflict: ${message}` : message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }
}

/** An error object as the server writes it: a frame, or an item of a batch. */
export interface WireError {
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
}

/** Refusals that are worth another try by themselves. */
const PASSING = ['RATE_LIMITED', 'OVERLOADED', 'UNAVAILABLE', 'SHUTTING_DOWN'];

export function isPassing({ code = '' }: WireError): boolean {
  return PASSING.includes(code);
}

export function errorOf(wire: WireError): FreshetError {
  const details =
    wire.retryAfterMs === undefined
      ? wire.details
      : { retryAfterMs: wire.retryAfterMs, ...wire.details };
  return new FreshetError(
    wire.status ?? 500,
    wire.code ?? 'INTERNAL',
    wire.message ?? 'the server gave no reason',
    details,
    wire.requestId,
  );
}

export function invalid(message: string): FreshetError {
  return new FreshetError(400, 'INVALID_ARGUMENT', message);
}

export function unavailable(message: string, requestId?: string): FreshetError {
  return new FreshetError(503, 'UNAVAILABLE', message, {}, requestId);
}

export function notDurable(message: string, requestId: string): FreshetError {
  return new FreshetError(503, 'NOT_DURABLE', message, {}, requestId);
}
