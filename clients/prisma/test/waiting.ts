// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Waiting for what has to happen. Deadlines only end tests that have failed already.
import assert from 'node:assert/strict';
import type { PrismaPulseError } from '@freshet/prisma';

const DEADLINE_MS = 30_000;

/** The promise, or a failure at the deadline. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits for a condition. */
export async function until(condition: () => unknown, what: string): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/** The error a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<PrismaPulseError> {
  const error: unknown = await within(
    promise.then(
      () => assert.fail('resolved, but had to be rejected'),
      (reason: unknown) => reason,
    ),
    'a rejection',
  );
  // Of whichever copy of the package: there is one beside each Prisma Client.
  assert.ok(error instanceof Error && 'requestId' in error, String(error));
  return error as PrismaPulseError;
}
