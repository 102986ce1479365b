// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Diff, DocumentCopy, JsonData, SyncEvent } from './documents.js';
import { invalid } from './errors.js';

const REMOVED = Symbol('removed');

/**
 * The document after an event, for those who keep copies and receive diffs. The document given is
 * left as it is; what the event does not touch is shared.
 *
 * @param document the copy so far; `undefined` for none yet
 * @returns the next copy; the same one when the event is older than it; `undefined` when the event
 *   cannot be applied because one before it is missing: read the document again
 *
 * ```js
 * copy = applyDiff(copy, event) ?? (await realtime.sync.get(service, id));
 * ```
 */
export function applyDiff<T extends object = JsonData>(
  document: DocumentCopy<T> | undefined,
  event: SyncEvent<T>,
): DocumentCopy<T> | undefined {
  const { payload } = event;
  if (document && (document.id !== payload.id || document.service !== payload.service)) {
    throw invalid(`an event of ${payload.service}/${payload.id} is not about ${document.id}`);
  }
  if (document && payload.revision <= document.revision) return document;
  const data = dataAfter(document, event);
  const { service, id, revision, deleted } = payload;
  return data && { service, id, revision, data, ...(deleted ? { deleted } : {}) };
}

function dataAfter<T extends object>(
  document: DocumentCopy<T> | undefined,
  { metadata, payload }: SyncEvent<T>,
): T | undefined {
  if (payload.data !== undefined) return payload.data;
  if (payload.diff === undefined) return document?.data;
  const isWhole = metadata.operation === 'create' || metadata.operation === 'restore';
  if (isWhole) return patched({}, payload.diff) as T | undefined;
  if (!document || document.revision !== metadata.previousRevision) return undefined;
  return patched(document.data, payload.diff) as T | undefined;
}

/** The data with a diff applied, or undefined if the diff is of other data. */
function patched(data: unknown, diff: Diff): unknown {
  const edits: (readonly [path: string, value: unknown])[] = [
    ...Object.keys(diff.removed).map((path) => [path, REMOVED] as const),
    ...Object.entries(diff.added),
    ...Object.entries(diff.changed).map(([path, change]) => [path, change.to] as const),
  ];
  const copies = new Set<object>();
  let result = data;
  for (const [path, value] of edits) {
    result = edited(result, stepsOf(path), value, copies);
    if (result === undefined) return undefined;
  }
  return result;
}

/**
 * @param copies objects made by this call of `patched`: those may be changed in place
 * @returns undefined if there is no such place
 */
function edited(
  target: unknown,
  steps: readonly string[],
  value: unknown,
  copies: Set<object>,
): unknown {
  const [key, ...rest] = steps;
  if (key === undefined) return value === REMOVED ? undefined : value;
  if (!isPlainObject(target)) return undefined;
  const copy = copies.has(target) ? target : { ...target };
  copies.add(copy);
  if (rest.length > 0) {
    const member = Object.hasOwn(copy, key) ? edited(copy[key], rest, value, copies) : undefined;
    return member === undefined ? undefined : withMember(copy, key, member);
  }
  if (value !== REMOVED) return withMember(copy, key, value);
  delete copy[key];
  return copy;
}

/** Defined rather than assigned: `__proto__` is a key like others here. */
function withMember(object: JsonData, key: string, value: unknown): JsonData {
  return Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  });
}

function isPlainObject(value: unknown): value is JsonData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON Pointer if it begins with `/` or is empty, else keys separated by dots. */
function stepsOf(path: string): readonly string[] {
  if (path === '') return [];
  if (path.startsWith('/')) {
    const steps = path.slice(1).split('/');
    return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const steps = path.match(/(?:\\[^]|[^.\\])+/g) ?? [];
  return steps.map((step) => step.replace(/\\([^])/g, '$1'));
}
