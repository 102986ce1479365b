// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** A token and when it ends, in milliseconds since 1970. */
export interface Token {
  readonly token: string;
  readonly expiresAt?: number | undefined;
}

/**
 * A token, or a function that fetches one. It is asked before every connection and shortly before
 * the token it gave last ends, which is known from `expiresAt`, from the server, or from the token
 * itself if it is a JWT. It must go on naming the same user.
 */
export type TokenSource = string | (() => TokenAnswer | Promise<TokenAnswer>);

export type TokenAnswer = string | Token | null | undefined;

/** @returns undefined for none: the server may be open */
export async function fetchToken(source: TokenSource | undefined): Promise<Token | undefined> {
  const answer = typeof source === 'function' ? await source() : source;
  if (answer === undefined || answer === null || answer === '') return undefined;
  return typeof answer === 'string' ? { token: answer, expiresAt: expiryOf(answer) } : answer;
}

/** Of a JWT, its `exp`. Nothing is verified: that is the server's business. */
function expiryOf(token: string): number | undefined {
  const claims = token.split('.')[1];
  if (claims === undefined) return undefined;
  try {
    const text = atob(claims.replaceAll('-', '+').replaceAll('_', '/'));
    const exp = (JSON.parse(text) as { exp?: unknown } | null)?.exp;
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

const MARGIN_MS = 30_000;
const MARGIN_SHARE = 0.2;
/** What timers can wait. */
const WAIT_MS_MAX = 2 ** 31 - 1;

/**
 * How long to wait before fetching the next token.
 *
 * @returns undefined if that cannot be told: a token the server accepts and which has ended by this
 *   machine's clock only says that the clock is wrong
 */
export function waitBeforeRenewal(expiresAt: number | undefined, now: number): number | undefined {
  if (expiresAt === undefined || expiresAt <= now) return undefined;
  const left = expiresAt - now;
  return Math.min(left - Math.min(MARGIN_MS, left * MARGIN_SHARE), WAIT_MS_MAX);
}
