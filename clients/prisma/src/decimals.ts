// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Context } from './model.js';
import type { DecimalClass } from './values.js';

/**
 * The class of decimals of this client: `instanceof Prisma.Decimal` is to hold. Up to Prisma 6 a
 * client with an engine in a library has a runtime of its own.
 */
export async function decimalOf({ $parent }: Context): Promise<DecimalClass> {
  const isOlder = /^[1-6]\./.test($parent._clientVersion ?? '');
  if (isOlder && !$parent._engineConfig?.compilerWasm) {
    const library: string = '@prisma/client/runtime/library'; // not there from Prisma 7 on
    return ((await import(library)) as { Decimal: DecimalClass }).Decimal;
  }
  return (await import('@prisma/client/runtime/client')).Decimal;
}
