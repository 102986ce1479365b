// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

interface Particulars {
  readonly requestId?: string | undefined;
  readonly details?: unknown;
  /** HTTP status of the refusal; none if no answer came. */
  readonly status?: number | undefined;
  readonly clientVersion?: string | undefined;
  readonly cause?: unknown;
}

/** Why there is no stream, or why there is none any more. */
export class PrismaPulseError extends Error {
  override name = 'PrismaPulseError';
  readonly code: string;
  readonly requestId: string;
  readonly details: unknown;
  /** Of Prisma Client. */
  readonly clientVersion: string;
  /**
   * The HTTP status the server refused with: 409 for a name that has another client, 410 for a
   * place that is lost. None if the server could not be reached or broke the protocol.
   */
  readonly status: number | undefined;

  /** @internal */
  constructor(code: string, message: string, more: Particulars = {}) {
    const requestId = more.requestId ?? 'unknown';
    super(
      `${code} ${message} RequestId: ${requestId}`,
      more.cause === undefined ? {} : { cause: more.cause },
    );
    this.code = code;
    this.requestId = requestId;
    this.details = more.details;
    this.clientVersion = more.clientVersion ?? 'unknown';
    this.status = more.status;
  }
}

/** Anything that has no class of its own. */
export class PrismaPulseServerError extends PrismaPulseError {
  override name = 'ServerError';
}

/** What is behind the server cannot be used. */
export class PrismaPulseDatasourceError extends PrismaPulseError {
  override name = 'DatasourceError';
}

/** A bad key, or one that may not read this. */
export class PrismaPulseUnauthorizedError extends PrismaPulseError {
  override name = 'Unauthorized';
}

/** Freshet does not say this; it is here for programs that ask for it. */
export class PrismaPulseProjectDisabledError extends PrismaPulseError {
  override name = 'ProjectDisabledError';
}

/** Freshet does not say this; it is here for programs that ask for it. */
export class PrismaPulseAccountHoldError extends PrismaPulseError {
  override name = 'AccountHoldError';
}

/** Freshet does not say this; it is here for programs that ask for it. */
export class PrismaPulseVersionNotSupportedError extends PrismaPulseError {
  override name = 'VersionNotSupported';
}

/** The server has streams switched off. */
export class PrismaPulseStreamsDisabledError extends PrismaPulseError {
  override name = 'StreamsDisabledError';
}

const SERVER_ERROR = 'P6100';

const CLASSES: Readonly<Record<string, typeof PrismaPulseError>> = {
  [SERVER_ERROR]: PrismaPulseServerError,
  P6101: PrismaPulseDatasourceError,
  P6102: PrismaPulseUnauthorizedError,
  P6103: PrismaPulseProjectDisabledError,
  P6104: PrismaPulseAccountHoldError,
  P6105: PrismaPulseVersionNotSupportedError,
  P6106: PrismaPulseStreamsDisabledError,
};

/** The answer to a handshake that was refused. */
export function refusal(status: number, body: string, clientVersion: string): PrismaPulseError {
  const said = objectIn(body);
  const code = textOf(said['code']);
  const known = code !== undefined && Object.hasOwn(CLASSES, code) ? code : SERVER_ERROR;
  const message = textOf(said['message']) ?? `The server answered with status ${status}`;
  return new (CLASSES[known] ?? PrismaPulseServerError)(known, message, {
    requestId: textOf(said['requestId']),
    details: said['details'],
    status,
    clientVersion,
  });
}

/** No answer came. */
export function unreachable(
  place: string,
  cause: unknown,
  clientVersion: string,
): PrismaPulseError {
  // What connecting to several addresses fails with has no message of its own.
  const why =
    cause instanceof Error
      ? cause.message || (cause as { code?: string }).code || cause.name
      : cause;
  const message = `${place} cannot be reached: ${String(why)}`;
  return new PrismaPulseServerError(SERVER_ERROR, message, { clientVersion, cause });
}

/** The server sent what is no event. */
export function unreadable(cause: unknown, clientVersion: string): PrismaPulseError {
  const message = 'The server sent what is no event';
  return new PrismaPulseServerError(SERVER_ERROR, message, { clientVersion, cause });
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // from a proxy, perhaps
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
