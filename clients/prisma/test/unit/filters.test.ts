// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What the headers say for every form a filter can have.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AnyNull, DbNull, Decimal, JsonNull } from '@prisma/client/runtime/client';
import { filtersOf } from '../../src/filters.js';
import { headersOf } from '../../src/headers.js';
import { USER } from '../scripted.js';

const tag = ($type: string, value: string) => ({ $type, value });
const json = (value: unknown) => tag('Json', JSON.stringify(value));
const WHEN = '2026-01-31T12:30:00.123Z';
const reference = { modelName: 'User', name: 'int', typeName: 'Int', isEnum: false };

class FieldReference {
  readonly modelName = 'User';
  readonly name = 'int';
  readonly typeName = 'Int';
  readonly isList = undefined;
  readonly isEnum = false;
}

/** A filter as the program writes it, and as the server reads it. */
const CASES: Readonly<Record<string, readonly [given: object, sent: object]>> = {
  'plain values': [
    { int: 1, float: 1.5, boolean: true, string: 'a', role: 'ADMIN' },
    { int: 1, float: 1.5, boolean: true, string: 'a', role: 'ADMIN' },
  ],
  'operators of plain values': [
    { int: { gt: 1, not: { in: [2, 3] } }, string: { startsWith: 'a', mode: 'insensitive' } },
    { int: { gt: 1, not: { in: [2, 3] } }, string: { startsWith: 'a', mode: 'insensitive' } },
  ],
  'BigInt as bigint and number': [
    { bigInt: 9007199254740993n, AND: [{ bigInt: { in: [1n, 2], not: 1e21 } }] },
    {
      bigInt: tag('BigInt', '9007199254740993'),
      AND: [
        {
          bigInt: {
            in: [tag('BigInt', '1'), tag('BigInt', '2')],
            not: tag('BigInt', '1000000000000000000000'),
          },
        },
      ],
    },
  ],
  'bigint for fields of other types': [
    { int: 1n, decimal: { lt: 9007199254740993n } },
    { int: 1, decimal: { lt: tag('Decimal', '9007199254740993') } },
  ],
  'DateTime as Date and text': [
    { dateTime: { gte: new Date(WHEN), lt: '2026-02-01T00:00:00+01:00' } },
    { dateTime: { gte: tag('DateTime', WHEN), lt: tag('DateTime', '2026-02-01T00:00:00+01:00') } },
  ],
  'Decimal in each of its forms': [
    { decimal: { in: [new Decimal('12.50'), 0.1, '1e-7', new Decimal('1e30')] } },
    {
      decimal: {
        in: ['12.5', '0.1', '1e-7', '1000000000000000000000000000000'].map((text) =>
          tag('Decimal', text),
        ),
      },
    },
  ],
  'Bytes as Buffer and as part of something larger': [
    { bytes: { equals: Buffer.from([1, 2]), not: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) } },
    { bytes: { equals: tag('Bytes', 'AQI='), not: tag('Bytes', 'AQI=') } },
  ],
  'null for every type': [
    {
      bigInt: null,
      dateTime: { not: null },
      decimal: { equals: null },
      bytes: { not: { equals: null } },
      json: null,
      int: { in: [null] },
    },
    {
      bigInt: null,
      dateTime: { not: null },
      decimal: { equals: null },
      bytes: { not: { equals: null } },
      json: null,
      int: { in: [null] },
    },
  ],
  'Json as one text': [
    { json: { path: ['a', '$type'], equals: { $type: 'Date', list: [1, null, 'é'] } } },
    { json: json({ path: ['a', '$type'], equals: { $type: 'Date', list: [1, null, 'é'] } }) },
  ],
  'Json that is no object': [
    { AND: [{ json: 1 }, { json: 'a' }, { json: [1] }, { json: false }] },
    { AND: [{ json: json(1) }, { json: json('a') }, { json: json([1]) }, { json: json(false) }] },
  ],
  "Json's three nulls": [
    { json: { equals: DbNull }, AND: [{ json: JsonNull }, { json: { not: AnyNull } }] },
    { json: json({ equals: null }), AND: [{ json: null }, { json: json({ not: null }) }] },
  ],
  'what Json writes by itself': [
    { json: { equals: { at: new Date(WHEN), none: undefined } } },
    { json: json({ equals: { at: WHEN } }) },
  ],
  'lists of values': [
    {
      string: { has: 'a', hasEvery: ['a', 'b'], hasSome: [], isEmpty: false },
      bigInt: { hasSome: [1n], has: null },
      dateTime: { equals: [new Date(WHEN)] },
    },
    {
      string: { has: 'a', hasEvery: ['a', 'b'], hasSome: [], isEmpty: false },
      bigInt: { hasSome: [tag('BigInt', '1')], has: null },
      dateTime: { equals: [tag('DateTime', WHEN)] },
    },
  ],
  'AND, OR and NOT with an object': [
    { AND: { int: 1 }, OR: { bigInt: 1n }, NOT: { dateTime: { lt: WHEN } } },
    {
      AND: { int: 1 },
      OR: { bigInt: tag('BigInt', '1') },
      NOT: { dateTime: { lt: tag('DateTime', WHEN) } },
    },
  ],
  'AND, OR and NOT with a list, nested': [
    { AND: [], OR: [{ NOT: [{ bigInt: 1n }, { OR: { AND: { int: 1 } } }] }], NOT: [] },
    {
      AND: [],
      OR: [{ NOT: [{ bigInt: tag('BigInt', '1') }, { OR: { AND: { int: 1 } } }] }],
      NOT: [],
    },
  ],
  'fields as values': [
    { float: { lt: new FieldReference() }, json: 1 },
    { float: { lt: reference }, json: json(1) },
  ],
  'what is undefined is not there': [{ int: undefined, float: { gt: undefined } }, { float: {} }],
  'what the server will refuse, as it is': [
    { mail: 'a', posts: { some: { at: new Date(WHEN), id: { gt: 1n } } }, int: 'five' },
    { mail: 'a', posts: { some: { at: tag('DateTime', WHEN), id: { gt: 1 } } }, int: 'five' },
  ],
};

for (const [what, [given, sent]] of Object.entries(CASES)) {
  test(what, () => {
    for (const action of ['create', 'delete']) {
      assert.deepEqual(filtersOf({ [action]: given }, USER), { [action]: sent }, action);
    }
    assert.deepEqual(filtersOf({ update: { after: given, before: given } }, USER), {
      update: { after: sent, before: sent },
    });
  });
}

test('actions without a filter', () => {
  const args = { create: {}, update: {}, delete: undefined };
  assert.deepEqual(filtersOf(args, USER), { create: {}, update: {} });
  assert.deepEqual(filtersOf({ update: { after: {} } }, USER), { update: { after: {} } });
});

test('what JSON would make something else of is refused, and the message says where', () => {
  const refused: readonly [object, RegExp][] = [
    [{ int: NaN }, /create\.int is NaN/],
    [{ OR: [{ float: { in: [1, Infinity] } }] }, /create\.OR\[0\]\.float\.in\[1\] is Infinity/],
    [{ decimal: new Decimal(NaN) }, /create\.decimal is NaN/],
    [{ dateTime: { lt: new Date('never') } }, /create\.dateTime\.lt is an invalid date/],
    [{ json: { equals: { a: [NaN] } } }, /create\.json holds NaN/],
    [{ string: { in: ['a', undefined] } }, /create\.string\.in\[1\] is undefined/],
    [{ string: () => 'a' }, /create\.string is a function/],
    [{ string: new Map() }, /create\.string is of a class/],
  ];
  for (const [filter, message] of refused) {
    assert.throws(() => filtersOf({ create: filter }, USER), { name: 'TypeError', message });
  }
});

test('headers are ASCII, whatever is in them', () => {
  const text = 'é€😀\u007f\u2028"\\';
  const headers = headersOf({
    apiKey: 'key',
    clientVersion: '7.10.0',
    modelName: 'Größe',
    model: USER,
    args: { create: { string: text } },
    name: text,
  });
  for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(headers['subscription'] ?? ''), {
    model: USER,
    modelName: 'Größe',
    where: { create: { string: text } },
  });
  assert.deepEqual(JSON.parse(headers['stream'] ?? ''), { name: text });
  assert.equal(headers['authorization'], 'Bearer key');
  assert.equal(headers['prisma-client-version'], '7.10.0');
});
