// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Context } from './model.js';
import type { DecimalClass } from './values.js';

/**
 * The class of decimals of this very client, for which `instanceof Prisma.Decimal` holds. Up to
 * Prisma 6 each generated client has a copy of its own that no import leads to, so the client is made
 * to read one as if a database had answered. Where that cannot be, any copy does.
 */
export async function decimalOf({ $parent }: Context): Promise<DecimalClass> {
  return readBy($parent) ?? (await import('@prisma/client/runtime/client')).Decimal;
}

function readBy({ _requestHandler }: Context['$parent']): DecimalClass | undefined {
  try {
    const answer = { data: { findFirst: { $type: 'Decimal', value: '1' } } };
    const made = _requestHandler?.unpack?.(answer, []) as object | undefined;
    return made && 'toFixed' in made ? (made.constructor as DecimalClass) : undefined;
  } catch {
    return undefined;
  }
}
