// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Random tests: three fixed seeds and one that is drawn. FRESHET_SEED=17 runs that one only,
// FRESHET_ROUNDS=20 so many.
import { randomInt } from 'node:crypto';
import test from 'node:test';
import type { JsonData } from '@freshet/client';

/** The next number from 0 to, not including, the bound. */
export type Random = (bound: number) => number;

const FIXED = [1, 2, 3];
const SEEDS = 2 ** 31;

export function rounds(what: string, run: (random: Random) => void | Promise<void>): void {
  const { FRESHET_SEED, FRESHET_ROUNDS } = process.env;
  const count = Number(FRESHET_ROUNDS ?? FIXED.length + 1);
  const drawn = Array.from({ length: count }, (_, i) => FIXED[i] ?? randomInt(SEEDS));
  for (const seed of FRESHET_SEED ? [Number(FRESHET_SEED)] : drawn) {
    test(`${what} (seed ${seed})`, () => run(seeded(seed)));
  }
}

/** Mulberry32. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % bound;
  };
}

const KEYS = [
  'a',
  'b',
  'c',
  '',
  '/',
  '.',
  'a.b',
  '~',
  '~1',
  '\\',
  '\\.',
  '/x',
  'ü',
  '😀',
  'constructor',
];
const LEAVES = [
  null,
  true,
  false,
  0,
  1,
  -1.5,
  1e300,
  '',
  'x',
  '\u0000"\\\n',
  '😀',
  [],
  [1, [2]],
  {},
];

/** An object of awkward names and values. */
export function randomData(random: Random, depth = 3): JsonData {
  const data: JsonData = {};
  for (let members = random(5); members > 0; members--) {
    const key = KEYS[random(KEYS.length)] ?? '';
    const isNested = depth > 0 && random(2) === 0;
    data[key] = isNested ? randomData(random, depth - 1) : LEAVES[random(LEAVES.length)];
  }
  return data;
}
