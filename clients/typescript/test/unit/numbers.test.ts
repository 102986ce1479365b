// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Exact numbers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal, exactNumbers } from '../../src/numbers.js';
import { randomData, rounds } from '../rounds.js';

const { parse, stringify } = exactNumbers;

const NUMBERS: readonly [text: string, value: unknown][] = [
  ['0', 0],
  ['-0', -0],
  ['-0.0e5', -0],
  ['1.50', 1.5],
  ['0.1', 0.1],
  ['1e3', 1000],
  ['123456789012345', 123456789012345],
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['-9007199254740993', -9007199254740993n],
  ['9007199254740993.0', 9007199254740993n],
  ['12345678901234567890123456789012345678', 12345678901234567890123456789012345678n],
  ['1e21', 10n ** 21n],
  ['-1.5E+300', -15n * 10n ** 299n],
  ['1e-308', 1e-308],
  ['0.30000000000000004', 0.30000000000000004],
  ['1e-400', new Decimal('1e-400')],
  ['0.30000000000000001', new Decimal('0.30000000000000001')],
  ['3.141592653589793238462643383279503', new Decimal('3.141592653589793238462643383279503')],
  ['9007199254740993.5', new Decimal('9007199254740993.5')],
];

for (const [text, value] of NUMBERS) {
  test(`reads ${text}`, () => {
    assert.deepEqual(parse(text), value);
    assert.deepEqual(parse(`{"a":[ ${text} , ${text}]}`), { a: [value, value] });
  });
}

test('what was read is written so that it is the same when read again', () => {
  for (const [text, value] of NUMBERS) {
    const again = parse(stringify(parse(text)));
    assert.deepEqual(again, value === 0 ? 0 : value);
  }
});

test('many zeros are written as an exponent', () => {
  assert.equal(stringify(10n ** 300n), '1e300');
  assert.equal(stringify(-1200n), '-1200');
  assert.equal(stringify(0n), '0');
});

test('a decimal is a number in documents, and text elsewhere', () => {
  const decimal = new Decimal('0.10000000000000000000000001');
  assert.equal(stringify({ a: decimal }), '{"a":0.10000000000000000000000001}');
  assert.equal(JSON.stringify({ a: decimal }), '{"a":"0.10000000000000000000000001"}');
  assert.equal(decimal.toNumber(), 0.1);
  assert.equal(`${decimal}`, '0.10000000000000000000000001');
  for (const text of ['', 'x', '1.', '01', '+1', '1 ', 'NaN', '1e', '0x1']) {
    assert.throws(() => new Decimal(text), SyntaxError, text);
  }
});

test('everything else is written as JSON.stringify does it', () => {
  class Money {
    toJSON() {
      return { cents: 5 };
    }
  }
  const values = [
    { a: undefined, b: () => 1, c: Symbol('c'), d: [undefined, () => 1], e: NaN, f: -0 },
    [new Date(0), new Money(), 'ü"\\\n\u2028\ud800', null, true, [], {}],
    'text',
    null,
    new Map([[1, 2]]),
  ];
  for (const value of values) assert.equal(stringify(value), JSON.stringify(value));
});

test('reads what JSON.parse reads, and nothing else', () => {
  const good = [
    ' { "a" : [ 1 , { } , [ ] , true , false , null , "x\\u00e9\\n\\"\\\\/" ] , "" : "" } ',
    '"\\ud83d\\ude00"',
    '\n[\t]\r',
    '{"a":1,"a":2}',
  ];
  for (const text of good) assert.deepEqual(parse(text), JSON.parse(text));
  const bad = [
    '',
    ' ',
    '{',
    '}',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '1 2',
    'tru',
    'nul',
    '+1',
    '01',
    '.5',
    '1.',
    '-',
    '--1',
    '1e',
    '"',
    '"\\',
    '"\\x"',
    '"\n"',
    "'a'",
    'NaN',
    'Infinity',
    '[1}',
    '\u00a01',
  ];
  for (const text of bad) {
    assert.throws(() => JSON.parse(text), SyntaxError, text);
    assert.throws(() => parse(text), SyntaxError, text);
  }
});

test('__proto__ is a name like others', () => {
  const value = parse('{"__proto__":{"polluted":1},"b":2}') as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ['__proto__', 'b']);
  assert.equal(stringify(value), '{"__proto__":{"polluted":1},"b":2}');
});

rounds('random documents are read and written as JSON does it', (random) => {
  for (let i = 0; i < 300; i++) {
    const data = randomData(random);
    const text = JSON.stringify(data);
    if (text.includes('e+')) continue; // a bigint here
    assert.deepEqual(parse(text), data);
    assert.equal(stringify(data), text);
  }
});
