// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Prisma } from '@prisma/client/extension';

/** What every event has. */
interface Event {
  /** The same for the same change, whenever it comes: what makes handling it twice harmless. */
  readonly id: string;
}

export interface PulseCreateEvent<T> extends Event {
  readonly action: 'create';
  readonly created: T;
}

export interface PulseUpdateEvent<T> extends Event {
  readonly action: 'update';
  readonly after: T;
  /** Null where the source does not tell: a table's replica identity decides. */
  readonly before: T | null;
}

export interface PulseDeleteEvent<T> extends Event {
  readonly action: 'delete';
  /** The whole row, or its key alone: a table's replica identity decides. */
  readonly deleted: Partial<T>;
}

export type PulseEvent<T> = PulseCreateEvent<T> | PulseUpdateEvent<T> | PulseDeleteEvent<T>;

type Action = PulseEvent<unknown>['action'];

/** A row as events bring it: all scalar fields, whatever `omit` or `result` extensions say. */
export type PulseRow<M> = Prisma.Payload<M, 'findMany'>['scalars'];

type Logic = 'AND' | 'OR' | 'NOT';

type Where<M> = NonNullable<Prisma.Args<M, 'findMany'>['where']>;

type FilterOf<W, R extends PropertyKey> = {
  readonly [K in Exclude<keyof W, R | Logic>]?: W[K];
} & {
  readonly [K in Logic]?: FilterOf<W, R> | readonly FilterOf<W, R>[] | undefined;
};

/** Prisma's `where` without relations; AND, OR and NOT with one object or a list. */
export type PulseFilter<M> = FilterOf<Where<M>, keyof Prisma.Payload<M, 'findMany'>['objects']>;

/** Without any of the three all changes are meant, else those of the actions that are there. */
export interface PulseSubscribeArgs<M> {
  readonly create?: PulseFilter<M> | undefined;
  readonly update?:
    | {
        readonly after?: PulseFilter<M> | undefined;
        readonly before?: PulseFilter<M> | undefined;
      }
    | undefined;
  readonly delete?: PulseFilter<M> | undefined;
}

export interface PulseStreamArgs<M> extends PulseSubscribeArgs<M> {
  /** Under which the server keeps the place. One client at a time. */
  readonly name?: string | undefined;
}

/** The actions that may be among the arguments. */
type Named<A> = {
  [K in Action]: K extends keyof A ? (A[K] extends undefined ? never : K) : never;
}[Action];

/** The actions that are among the arguments for sure. */
type Sure<A> = {
  [K in Action]: K extends keyof A ? (undefined extends A[K] ? never : K) : never;
}[Action];

/** The events that come for these arguments. */
export type PulseEventOf<T, A> = [Sure<A>] extends [never]
  ? PulseEvent<T>
  : Extract<PulseEvent<T>, { readonly action: Named<A> }>;
