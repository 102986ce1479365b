// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** How JSON becomes values and values become JSON. */
export interface Codec {
  parse(text: string): unknown;
  stringify(value: unknown): string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const DIGITS_ALWAYS_EXACT = 15;
const DIGITS_OF_SAFE_INTEGERS = 16;
/** Longer integers are kept as text; the server has none. */
const BIGINT_DIGITS_MAX = 400;
const ZEROS_WRITTEN_OUT = 20;

/**
 * A number that neither `number` nor `bigint` holds exactly, as its JSON text. Written into a
 * document it is that number again, not a string.
 */
export class Decimal {
  readonly text: string;

  constructor(text: string) {
    NUMBER.lastIndex = 0;
    if (NUMBER.exec(text)?.[0] !== text) throw new SyntaxError(`not a JSON number: ${text}`);
    this.text = text;
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** For `JSON.stringify`, which cannot write such a number: its text. */
  toJSON(): string {
    return this.text;
  }
}

/**
 * Exact numbers: integers beyond 2^53 are `bigint`, what a double cannot hold is a `Decimal`, all
 * others are `number`.
 */
export const exactNumbers: Codec = { parse, stringify };

function parse(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  value(): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  end(): void {
    if (this.#at !== this.#text.length) this.#fail();
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#take('{');
    if (this.#found('}')) return object;
    do {
      const key = this.#string();
      this.#take(':');
      // Plain assignment to __proto__ would change the prototype.
      const settings = { configurable: true, enumerable: true, writable: true };
      const value = this.value();
      if (key === '__proto__') Object.defineProperty(object, key, { ...settings, value });
      else object[key] = value;
    } while (this.#found(','));
    this.#take('}');
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#take('[');
    if (this.#found(']')) return array;
    do array.push(this.value());
    while (this.#found(','));
    this.#take(']');
    return array;
  }

  /** The platform's own reader knows escapes and what is not allowed. */
  #string(): string {
    const from = this.#at;
    if (this.#text[from] !== '"') this.#fail();
    let to = from + 1;
    while (to < this.#text.length && this.#text[to] !== '"') to += this.#text[to] === '\\' ? 2 : 1;
    const quoted = this.#text.slice(from, to + 1);
    this.#at = to + 1;
    this.#skipSpace();
    return JSON.parse(quoted) as string;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    this.#skipSpace();
    return value;
  }

  #number(): number | bigint | Decimal {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) return this.#fail();
    this.#at += text.length;
    this.#skipSpace();
    return numberOf(text);
  }

  #found(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#take(character);
    return true;
  }

  #take(character: string): void {
    if (this.#text[this.#at] !== character) this.#fail();
    this.#at++;
    this.#skipSpace();
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }

  #fail(): never {
    throw new SyntaxError(`not JSON at character ${this.#at}`);
  }
}

function numberOf(text: string): number | bigint | Decimal {
  if (text.length <= DIGITS_ALWAYS_EXACT && !/[eE]/.test(text)) return Number(text);
  const value = decompose(text);
  if (value.digits === '') return Number(text);
  const length = value.digits.length + value.exponent;
  if (value.exponent >= 0 && length <= BIGINT_DIGITS_MAX) {
    const near = Number(text);
    if (length <= DIGITS_OF_SAFE_INTEGERS && Number.isSafeInteger(near)) return near;
    return BigInt(value.sign + value.digits + '0'.repeat(value.exponent));
  }
  const near = Number(text);
  return Number.isFinite(near) && isSame(decompose(String(near)), value) ? near : new Decimal(text);
}

/** A number as its digits without zeros at either end, times ten to an exponent. */
interface Parts {
  readonly sign: string;
  readonly digits: string;
  readonly exponent: number;
}

function decompose(text: string): Parts {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').split(/[eE]/);
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  const dropped = digits.length - kept.length;
  return { sign, digits: kept, exponent: Number(exponent) - fraction.length + dropped };
}

function isSame(a: Parts, b: Parts): boolean {
  return a.sign === b.sign && a.digits === b.digits && a.exponent === b.exponent;
}

function stringify(value: unknown): string {
  return textOf(value) ?? 'null';
}

/** As `JSON.stringify` does it, but for `bigint` and `Decimal`; undefined for what JSON has no word for. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return integerText(value);
  if (value instanceof Decimal) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item) ?? 'null').join(',')}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    const text = textOf(member);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** Zeros at the end as an exponent: what came as `1e300` must not become 300 significant digits. */
function integerText(value: bigint): string {
  return value
    .toString()
    .replace(/0+$/, (zeros) => (zeros.length > ZEROS_WRITTEN_OUT ? `e${zeros.length}` : zeros));
}
