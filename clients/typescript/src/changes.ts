// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { JsonData } from './documents.js';
import type { Decimal } from './numbers.js';

export type ChangeAction = 'create' | 'update' | 'delete';

interface ChangeHead {
  /** Names the change: the same however often it is delivered. Ids of a collection sort like its changes. */
  readonly id: string;
  readonly collection: string;
  readonly documentId: string;
  readonly revision: number;
}

/** A document was made, or brought back. Rows are the document's data, with `id` if it has none of its own. */
export interface CreateChange<T extends object = JsonData> extends ChangeHead {
  readonly action: 'create';
  readonly created: T;
  /** Whether the row was there before and is only read, see `StreamOptions.snapshot`. */
  readonly snapshot?: true;
}

export interface UpdateChange<T extends object = JsonData> extends ChangeHead {
  readonly action: 'update';
  /** `null` where the source of the change does not tell. */
  readonly before: T | null;
  readonly after: T;
}

/** A document was deleted, or has expired. */
export interface DeleteChange<T extends object = JsonData> extends ChangeHead {
  readonly action: 'delete';
  /** The last data; where the source of the change does not tell it, only what names the document. */
  readonly deleted: T;
}

/** One change of one document of a collection, as a stream delivers it. */
export type Change<T extends object = JsonData, A extends ChangeAction = ChangeAction> = Extract<
  CreateChange<T> | UpdateChange<T> | DeleteChange<T>,
  { readonly action: A }
>;

/** The actions that options ask for, by their keys: all, if they name none. */
export type ActionsIn<K> = [Extract<K, ChangeAction>] extends [never]
  ? ChangeAction
  : Extract<K, ChangeAction>;

/** Which changes. If none of these is given: all. `{}`: every change of that action. */
export interface ChangeFilters<T extends object = JsonData> {
  readonly create?: RowFilter<T>;
  /** Asked of the row as it is after the update. */
  readonly update?: { readonly after?: RowFilter<T> };
  /** Asked of the row as it was. */
  readonly delete?: RowFilter<T>;
}

export interface LiveOptions<T extends object = JsonData> extends ChangeFilters<T> {
  /** Told, at most once a second, how far behind this reader is. */
  readonly onLag?: (lag: StreamLag) => void;
}

export interface StreamOptions<T extends object = JsonData> extends LiveOptions<T> {
  /**
   * Names the stream on the server, which then keeps its place: whoever asks for the name next goes on
   * after what was handled. One reader at a time.
   */
  readonly name?: string;
  /**
   * Where a stream without a name, or with a new one, begins: now (`'latest'`, the default), with the
   * oldest change the server still has, or after the change of that id.
   */
  readonly from?: 'latest' | 'earliest' | (string & {});
  /**
   * For a table of a database, with a `name`: a new stream begins with every row there is, as `create`
   * changes marked `snapshot`, and goes on with what changes. `onLag` tells how far that is.
   */
  readonly snapshot?: boolean;
  /** How many changes may be on their way without having been handled; 256 unless the server says otherwise. */
  readonly window?: number;
}

/** How far a reader is behind. */
export interface StreamLag {
  readonly lagEvents: number;
  readonly lagMs: number;
  /** Changes that a reader of `subscribe` was too slow for. */
  readonly dropped: number;
  readonly snapshot?: SnapshotProgress;
}

/** How far a snapshot is. */
export interface SnapshotProgress {
  readonly rows: number;
  /** How many there are, roughly; 0 while that is not known. */
  readonly estimate: number;
  /** Whether all of it was delivered. */
  readonly done: boolean;
}

export interface StreamInfo {
  /** The id of the change it goes on after; `null`: it begins with the oldest. */
  readonly resumedAfter: string | null;
  /** Whether the server had kept that place under the stream's name. */
  readonly resumed: boolean;
}

/**
 * Changes, one after the other, for one `for await` loop. A change is acknowledged when its loop body
 * has ended; leaving the loop (`break`, `return`, an error) does not acknowledge the one in hand, and
 * stops the stream.
 */
export interface ChangeStream<C> extends AsyncIterable<C, undefined> {
  /** @throws FreshetError the second time: a stream is read by one loop, once */
  [Symbol.asyncIterator](): AsyncIterator<C, undefined>;
  /** Waits until the server has found the stream's place: no change made from then on is missed. */
  ready(): Promise<StreamInfo>;
  /** Says that everything up to this change is handled, before its loop body has ended. */
  acknowledge(id: string): void;
  /**
   * Ends the loop, and frees the stream's place and name on the server. What was not acknowledged comes
   * again when the name is asked for again.
   *
   * @returns resolved when they are free
   */
  stop(): Promise<void>;
}

/** Conditions on the fields of a row, as Prisma has them; all must hold. */
export type RowFilter<T extends object = JsonData> = {
  readonly [K in keyof T]?: FieldFilter<T[K]>;
} & {
  readonly AND?: RowFilter<T> | readonly RowFilter<T>[];
  readonly OR?: readonly RowFilter<T>[];
  readonly NOT?: RowFilter<T> | readonly RowFilter<T>[];
  /** A member of a nested object: `'address.city'`. */
  readonly [path: `${string}.${string}`]: unknown;
};

/** A value the field has to have, or operators. */
export type FieldFilter<V> = unknown extends V ? unknown : ValueFilter<NonNullable<V>> | null;

type ValueFilter<V> = [V] extends [readonly (infer E)[]]
  ? V | ListOperators<V, E>
  : [V] extends [string]
    ? V | TextOperators<V>
    : [V] extends [number | bigint | Decimal]
      ? AnyNumber | OrderedOperators<AnyNumber>
      : [V] extends [boolean]
        ? V | ValueOperators<V>
        : [V] extends [object]
          ? ValueOperators<never>
          : unknown;

type AnyNumber = number | bigint | Decimal;

interface ValueOperators<V> {
  readonly equals?: V | null;
  readonly in?: readonly V[];
  readonly notIn?: readonly V[];
  readonly not?: V | this | null;
  readonly isSet?: boolean;
}

interface OrderedOperators<V> extends ValueOperators<V> {
  readonly lt?: V;
  readonly lte?: V;
  readonly gt?: V;
  readonly gte?: V;
}

interface TextOperators<V> extends OrderedOperators<V | (string & {})> {
  readonly equals?: V | null;
  readonly in?: readonly V[];
  readonly notIn?: readonly V[];
  readonly not?: V | this | null;
  readonly contains?: string;
  readonly startsWith?: string;
  readonly endsWith?: string;
  readonly mode?: 'default' | 'insensitive';
}

interface ListOperators<V, E> {
  readonly equals?: V | null;
  readonly has?: E;
  readonly hasEvery?: readonly E[];
  readonly hasSome?: readonly E[];
  readonly isEmpty?: boolean;
  readonly isSet?: boolean;
}
