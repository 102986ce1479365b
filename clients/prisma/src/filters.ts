// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Model } from './model.js';

/** What JSON has no form for. */
interface Tagged {
  readonly $type: string;
  readonly value: string;
}

const LOGIC = new Set(['AND', 'OR', 'NOT']);
const NULLS = new Set(['DbNull', 'JsonNull', 'AnyNull']);

type Members = Readonly<Record<string, unknown>>;

/**
 * The arguments of `stream()` or `subscribe()` in the form the server reads: Prisma's, with values
 * tagged by the types of their fields. What cannot be meant is left to the server, which says where
 * it is; only what JSON would silently turn into something else is an error here.
 *
 * @throws TypeError
 */
export function filtersOf(args: Members, model: Model): Members {
  const types = new Map(
    model.fields.map(({ name, kind, type }) => [name, kind === 'scalar' ? type : kind]),
  );
  const filter = (where: unknown, place: string) => filterOf(where, types, place);
  return members(args, '', (key, value, place) => {
    if (key === 'create' || key === 'delete') return filter(value, place);
    if (key !== 'update' || !isMembers(value)) return plain(value, place);
    return members(value, place, (_, where, inner) => filter(where, inner));
  });
}

function filterOf(where: unknown, types: ReadonlyMap<string, string>, place: string): unknown {
  if (!isMembers(where)) return plain(where, place);
  return members(where, place, (key, value, inner) => {
    if (LOGIC.has(key)) {
      return Array.isArray(value)
        ? value.map((each, i) => filterOf(each, types, `${inner}[${i}]`))
        : filterOf(value, types, inner);
    }
    const type = types.get(key);
    return type === 'Json' ? jsonOf(value, inner) : operandOf(value, type, inner);
  });
}

/** A value, a list of values, or an object of operators, which may be nested in `not`. */
function operandOf(value: unknown, type: string | undefined, place: string): unknown {
  if (Array.isArray(value)) {
    return value.map((each, i) => {
      if (each === undefined) throw new TypeError(`${place}[${i}] is undefined`);
      return operandOf(each, type, `${place}[${i}]`);
    });
  }
  const reference = referenceIn(value);
  if (reference) return reference;
  if (!isMembers(value)) return valueOf(value, type, place);
  return members(value, place, (operator, operand, inner) =>
    operator === 'mode' ? operand : operandOf(operand, type, inner),
  );
}

function valueOf(value: unknown, type: string | undefined, place: string): unknown {
  switch (typeof value) {
    case 'bigint':
      if (type !== 'BigInt' && Number.isSafeInteger(Number(value))) {
        return valueOf(Number(value), type, place);
      }
      return tagged(type === 'Decimal' ? 'Decimal' : 'BigInt', String(value));
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${place} is ${value}, which no row has`);
      if (type === 'BigInt' && Number.isInteger(value)) {
        return tagged('BigInt', String(BigInt(value)));
      }
      return type === 'Decimal' ? tagged('Decimal', String(value)) : value;
    case 'string':
      return type === 'DateTime' || type === 'Decimal' || type === 'BigInt' || type === 'Bytes'
        ? tagged(type, value)
        : value;
    case 'object':
      return value === null || isNull(value) ? null : objectOf(value, place);
    case 'function':
    case 'symbol':
      throw new TypeError(`${place} is a ${typeof value}`);
    default:
      return value;
  }
}

function objectOf(value: object, place: string): Tagged {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError(`${place} is an invalid date`);
    return tagged('DateTime', value.toISOString());
  }
  if (value instanceof Uint8Array) {
    const { buffer, byteOffset, byteLength } = value;
    return tagged('Bytes', Buffer.from(buffer, byteOffset, byteLength).toString('base64'));
  }
  if (isDecimal(value)) {
    const text = value.toFixed();
    if (!/\d$/.test(text)) throw new TypeError(`${place} is ${text}, which no row has`);
    return tagged('Decimal', text);
  }
  throw new TypeError(`${place} is of a class that filters do not know`);
}

/** All a filter says of a `Json` field is one text: inside it nothing is tagged. */
function jsonOf(value: unknown, place: string): Tagged | null | undefined {
  if (value === undefined) return undefined;
  if (value === null || isNull(value)) return null;
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'number' && !Number.isFinite(each)) {
      throw new TypeError(`${place} holds ${each}, which is not JSON`);
    }
    return isNull(each) ? null : each;
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`${place} is a ${typeof value}`);
  return tagged('Json', text);
}

/** `prisma.user.fields.email` */
function referenceIn(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { modelName, name, typeName, isEnum } = value as Members;
  return typeof modelName === 'string' && typeof typeName === 'string'
    ? { modelName, name, typeName, isEnum }
    : undefined;
}

/** What the caller gave where no filter is known: the server refuses it and says where. */
function plain(value: unknown, place: string): unknown {
  return operandOf(value, undefined, place);
}

/** What is undefined is not there, as Prisma has it. */
function members(
  of: Members,
  place: string,
  change: (key: string, value: unknown, place: string) => unknown,
): Members {
  return Object.fromEntries(
    Object.entries(of)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, change(key, value, place ? `${place}.${key}` : key)]),
  );
}

function isMembers(value: unknown): value is Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `Prisma.DbNull`, `Prisma.JsonNull`, `Prisma.AnyNull`: the server knows one null. */
function isNull(value: unknown): boolean {
  return typeof value === 'object' && value !== null && NULLS.has(value.constructor?.name ?? '');
}

/** decimal.js, whichever copy of it. */
function isDecimal(value: object): value is { toFixed(): string } {
  return 'd' in value && 'e' in value && 's' in value && 'toFixed' in value;
}

function tagged($type: string, value: string): Tagged {
  return { $type, value };
}
