// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The server's diff, written a second time, from the contract.
import { isDeepStrictEqual } from 'node:util';
import type { Diff, JsonData } from '@freshet/client';

export function diffOf(before: JsonData, after: JsonData): Diff {
  const added: JsonData = {};
  const removed: JsonData = {};
  const changed: Record<string, { from: unknown; to: unknown }> = {};
  const compare = (pre: JsonData, post: JsonData, steps: readonly string[]) => {
    for (const key of new Set([...Object.keys(pre), ...Object.keys(post)])) {
      const path = spelled([...steps, key]);
      const [from, to] = [pre[key], post[key]];
      if (!Object.hasOwn(pre, key)) added[path] = to;
      else if (!Object.hasOwn(post, key)) removed[path] = from;
      else if (isObject(from) && isObject(to)) compare(from, to, [...steps, key]);
      else if (!isDeepStrictEqual(from, to)) changed[path] = { from, to };
    }
  };
  compare(before, after, []);
  return { added, removed, changed };
}

function spelled(steps: readonly string[]): string {
  const isDotted = !steps.includes('') && !steps[0]?.startsWith('/');
  if (isDotted) return steps.map((step) => step.replace(/[.\\]/g, '\\$&')).join('.');
  const pointer = steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
  return `/${pointer.join('/')}`;
}

function isObject(value: unknown): value is JsonData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
