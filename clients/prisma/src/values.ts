// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** Makes Prisma's decimals. */
export type DecimalClass = new (text: string) => object;

type Members = Readonly<Record<string, unknown>>;

/** An event as it came. */
export interface WireEvent extends Members {
  readonly id: string;
  readonly action: string;
}

const ACTIONS = new Set(['create', 'update', 'delete']);
const ROWS = ['created', 'after', 'before', 'deleted'] as const;

/**
 * @returns null for what a server of a later version may say besides events
 * @throws SyntaxError
 */
export function eventIn(text: string): WireEvent | null {
  const value = JSON.parse(text) as unknown;
  if (!isMembers(value) || !ACTIONS.has(String(value['action']))) return null;
  if (typeof value['id'] !== 'string') throw new SyntaxError('an event without an id');
  return value as WireEvent;
}

/** The event as programs see it: each value of its rows in its type. */
export function decoded(event: WireEvent, decimal: DecimalClass): object {
  const rows = ROWS.filter((key) => isMembers(event[key])).map((key) => [
    key,
    rowOf(event[key] as Members, decimal),
  ]);
  return { ...event, ...Object.fromEntries(rows) };
}

function rowOf(row: Members, decimal: DecimalClass): object {
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [
      field,
      Array.isArray(value) ? value.map((each) => valueOf(each, decimal)) : valueOf(value, decimal),
    ]),
  );
}

/** Objects are tags: those of `Json` fields are texts inside one, and are not looked into. */
function valueOf(value: unknown, decimal: DecimalClass): unknown {
  if (!isMembers(value) || typeof value['value'] !== 'string') return value;
  const text = value['value'];
  switch (value['$type']) {
    case 'BigInt':
      return BigInt(text);
    case 'DateTime':
      return new Date(text);
    case 'Decimal':
      return new decimal(text);
    case 'Bytes':
      return Buffer.from(text, 'base64');
    case 'Json':
      return JSON.parse(text);
    default:
      return value;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
