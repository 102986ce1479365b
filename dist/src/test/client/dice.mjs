// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Chance that can be repeated. FRESHET_ROUNDS and FRESHET_SEED set how many seeds, and which.
import { randomInt } from 'node:crypto';

const fixed = [1, 2, 3];
export const seeds = process.env.FRESHET_SEED
  ? [Number(process.env.FRESHET_SEED)]
  : [...fixed, ...Array.from({ length: Number(process.env.FRESHET_ROUNDS ?? 1) }, () => randomInt(2 ** 31))];

/// Small, quick and repeatable; not for anything else.
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { below, one: (choices) => choices[below(choices.length)], chance: (share) => next() < share };
}

/// The client makes some objects without a prototype; nothing else is changed, holes in arrays stay.
export function unprototyped(data) {
  if (Array.isArray(data)) {
    const copy = new Array(data.length);
    data.forEach((each, index) => {
      copy[index] = unprototyped(each);
    });
    return copy;
  }
  if (data === null || typeof data !== 'object') return data;
  return Object.fromEntries(Object.entries(data).map(([key, each]) => [key, unprototyped(each)]));
}
