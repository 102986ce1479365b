// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

export interface Backoff {
  /** Milliseconds before the first attempt. */
  readonly first: number;
  /** Milliseconds that no wait exceeds. */
  readonly max: number;
}

/**
 * How long to wait before an attempt: doubling, bounded, and spread over its upper half, so that
 * many clients of one server do not all come back at once.
 *
 * @param failures how many attempts have failed already
 * @param random from 0 to 1
 */
export function waitBefore({ first, max }: Backoff, failures: number, random: number): number {
  const full = Math.min(first * 2 ** Math.min(failures, 30), max);
  return Math.round(full * (0.5 + random / 2));
}
