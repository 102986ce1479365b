// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Keeping copies up to date by diffs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { applyDiff } from '@freshet/client';
import type { Diff, DocumentCopy, JsonData, SyncEvent } from '@freshet/client';
import { diffOf } from '../diffs.js';
import { event } from '../events.js';
import type { Frame } from '../scripted.js';
import { randomData, rounds } from '../rounds.js';

const NOTHING: Diff = { added: {}, removed: {}, changed: {} };

function copy(data: JsonData, revision = 3): DocumentCopy {
  return { service: 'session', id: 'doc', revision, data };
}

/** A change to revision 4. */
function change(diff: Partial<Diff>, more: { metadata?: Frame; payload?: Frame } = {}): SyncEvent {
  const payload = { data: undefined, diff: { ...NOTHING, ...diff }, ...more.payload };
  return event({ place: 4, metadata: { ...more.metadata }, payload }) as unknown as SyncEvent;
}

const CASES: readonly [what: string, before: JsonData, diff: Partial<Diff>, after: JsonData][] = [
  [
    'top level',
    { a: 1, b: 2, c: 3 },
    { added: { d: 4 }, removed: { a: 1 }, changed: { b: { from: 2, to: [5] } } },
    { b: [5], c: 3, d: 4 },
  ],
  [
    'nested',
    { user: { name: 'A', age: 3, home: { town: 'X' } } },
    { removed: { 'user.age': 3 }, changed: { 'user.home.town': { from: 'X', to: 'Y' } } },
    { user: { name: 'A', home: { town: 'Y' } } },
  ],
  [
    'several members of one object',
    { a: { b: 1, c: 2 } },
    { added: { 'a.d': 4, 'a.e': null }, removed: { 'a.b': 1, 'a.c': 2 } },
    { a: { d: 4, e: null } },
  ],
  ['dots in names', { 'a.b': 1 }, { changed: { 'a\\.b': { from: 1, to: 2 } } }, { 'a.b': 2 }],
  ['backslashes in names', { 'a\\': { b: 1 } }, { removed: { 'a\\\\.b': 1 } }, { 'a\\': {} }],
  [
    'pointers',
    { '': { '/x~': 1 } },
    { changed: { '//~1x~0': { from: 1, to: 2 } } },
    { '': { '/x~': 2 } },
  ],
  ['~01 is ~1', { '/': 0 }, { added: { '/~01': 1 } }, { '/': 0, '~1': 1 }],
  [
    'names of every object',
    { a: {} },
    { added: { constructor: 1, 'a.toString': 2 } },
    { a: { toString: 2 }, constructor: 1 } as unknown as JsonData,
  ],
  ['nothing', { a: 1 }, {}, { a: 1 }],
];

for (const [what, before, diff, after] of CASES) {
  test(`applies a diff: ${what}`, () => {
    const document = copy(before);
    const text = JSON.stringify(document);
    assert.deepEqual(applyDiff(document, change(diff)), copy(after, 4));
    assert.equal(JSON.stringify(document), text, 'the copy given stays as it is');
  });
}

test('a whole list that changed is one change at the root', () => {
  const document = { ...copy({}), data: [1] as unknown as JsonData };
  const diff = { changed: { '': { from: [1], to: [1, 2] } } };
  assert.deepEqual(applyDiff(document, change(diff))?.data, [1, 2]);
});

test('what a diff does not touch is shared', () => {
  const document = copy({ a: { b: 1 }, c: { d: 2 } });
  const after = applyDiff(document, change({ added: { 'a.e': 1 } }));
  assert.equal(after?.data['c'], document.data['c']);
  assert.notEqual(after?.data['a'], document.data['a']);
});

test('own members only: nothing reaches a prototype', () => {
  for (const path of ['constructor.prototype.polluted', '__proto__.polluted', 'toString.x']) {
    const diff = JSON.parse(`{"added":{"${path}":1},"removed":{},"changed":{}}`) as Diff;
    assert.equal(applyDiff(copy({ a: 1 }), change(diff)), undefined, 'there is no such object');
  }
  const diff = JSON.parse('{"added":{"__proto__":{"polluted":1}}}') as Partial<Diff>;
  const after = applyDiff(copy({ a: 1 }), change(diff));
  assert.equal(Object.getPrototypeOf(after?.data), Object.prototype);
  assert.deepEqual(Object.keys(after?.data ?? {}), ['a', '__proto__']);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('an event that comes again changes nothing', () => {
  const document = copy({ a: 1 }, 4);
  assert.equal(applyDiff(document, change({ added: { b: 1 } })), document);
  const newer = copy({ a: 1 }, 9);
  assert.equal(applyDiff(newer, change({ added: { b: 1 } })), newer);
});

test('a gap is told by undefined', () => {
  assert.equal(applyDiff(copy({ a: 1 }, 2), change({ added: { b: 1 } })), undefined);
  assert.equal(applyDiff(undefined, change({ added: { b: 1 } })), undefined);
});

test('a diff of other data is told by undefined', () => {
  assert.equal(applyDiff(copy({}), change({ added: { 'a.b': 1 } })), undefined);
  assert.equal(applyDiff(copy({ a: [1] }), change({ added: { 'a.0': 1 } })), undefined);
});

test('create and restore begin with nothing, whatever the copy', () => {
  for (const operation of ['create', 'restore']) {
    const whole = change({ added: { a: 1, 'b\\.c': 2 } }, { metadata: { operation } });
    const expected = copy({ a: 1, 'b.c': 2 }, 4);
    assert.deepEqual(applyDiff(undefined, whole), expected);
    assert.deepEqual(applyDiff({ ...copy({ z: 1 }, 2), deleted: true }, whole), expected);
  }
});

test('data that comes along is taken: resync, skipped diffs, the other modes', () => {
  for (const metadata of [{ resync: true }, { diffSkipped: true }, { returnMode: 'both' }]) {
    const whole = change({}, { metadata, payload: { data: { whole: true } } });
    assert.deepEqual(applyDiff(copy({ a: 1 }, 1), whole), copy({ whole: true }, 4));
    assert.deepEqual(applyDiff(undefined, whole), copy({ whole: true }, 4));
  }
  const full = change({}, { payload: { data: { whole: true }, diff: undefined } });
  assert.deepEqual(applyDiff(copy({ a: 1 }, 1), full), copy({ whole: true }, 4));
});

test('a deletion keeps the data and says so', () => {
  const deletion = change({}, { metadata: { operation: 'delete' }, payload: { deleted: true } });
  assert.deepEqual(applyDiff(copy({ a: 1 }), deletion), { ...copy({ a: 1 }, 4), deleted: true });
});

test('an event of another document is an error', () => {
  const other = { ...copy({}), id: 'other' };
  assert.throws(() => applyDiff(other, change({})), { code: 'INVALID_ARGUMENT' });
});

rounds('random documents: the diff of two, applied to the first, gives the second', (random) => {
  for (let i = 0; i < 300; i++) {
    const [before, after] = [randomData(random), randomData(random)];
    const result = applyDiff(copy(before), change(diffOf(before, after)));
    assert.deepEqual(result?.data, after, JSON.stringify({ before, after }));
  }
});
