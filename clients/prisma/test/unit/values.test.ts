// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal } from '@prisma/client/runtime/client';
import { decoded, eventIn } from '../../src/values.js';
import type { DecimalClass } from '../../src/values.js';

const tag = ($type: string, value: string) => ({ $type, value });

const WIRE = {
  int: 1,
  bigInt: tag('BigInt', '-9007199254740993'),
  float: 1.5,
  decimal: tag('Decimal', '12.50'),
  boolean: false,
  string: 'a',
  dateTime: tag('DateTime', '2026-01-31T12:30:00.123Z'),
  bytes: tag('Bytes', 'AQI='),
  json: tag('Json', '{"$type":"BigInt","value":"1","list":[null]}'),
  nothing: null,
  none: [],
  texts: ['a', null],
  bigInts: [tag('BigInt', '1'), tag('BigInt', '2')],
  jsons: [tag('Json', '[1]'), tag('Json', 'null')],
};

const ROW = {
  int: 1,
  bigInt: -9007199254740993n,
  float: 1.5,
  decimal: new Decimal('12.50'),
  boolean: false,
  string: 'a',
  dateTime: new Date('2026-01-31T12:30:00.123Z'),
  bytes: Buffer.from([1, 2]),
  json: { $type: 'BigInt', value: '1', list: [null] },
  nothing: null,
  none: [],
  texts: ['a', null],
  bigInts: [1n, 2n],
  jsons: [[1], null],
};

function decode(event: object): object {
  const read = eventIn(JSON.stringify(event));
  assert.ok(read);
  return decoded(read, Decimal as DecimalClass);
}

test('every value in its type, in all rows of an event', () => {
  const head = { id: 'i', modelName: 'User' };
  assert.deepEqual(decode({ ...head, action: 'create', created: WIRE }), {
    ...head,
    action: 'create',
    created: ROW,
  });
  assert.deepEqual(decode({ ...head, action: 'update', before: WIRE, after: WIRE }), {
    ...head,
    action: 'update',
    before: ROW,
    after: ROW,
  });
  assert.deepEqual(decode({ ...head, action: 'delete', deleted: WIRE }), {
    ...head,
    action: 'delete',
    deleted: ROW,
  });
});

test('a row before that is not known stays null; other members stay', () => {
  const event = { id: 'i', action: 'update', before: null, after: {}, more: tag('BigInt', '1') };
  assert.deepEqual(decode(event), event);
});

test('a tag of a type to come stays as it is', () => {
  const created = { at: tag('Duration', 'PT1S'), other: { value: 1 } };
  assert.deepEqual(decode({ id: 'i', action: 'create', created }), {
    id: 'i',
    action: 'create',
    created,
  });
});

test('a member called like a prototype is a member', () => {
  const event = decode(JSON.parse('{"id":"i","action":"create","created":{"__proto__":{"a":1}}}'));
  const { created } = event as { created: object };
  assert.equal(Object.getPrototypeOf(created), Object.prototype);
  assert.deepEqual(Object.keys(created), ['__proto__']);
});

test('what is no event', () => {
  assert.equal(eventIn('{"action":"heartbeat"}'), null);
  assert.equal(eventIn('[]'), null);
  assert.throws(() => eventIn('{'), SyntaxError);
  assert.throws(() => eventIn('{"action":"create","created":{}}'), SyntaxError);
});
