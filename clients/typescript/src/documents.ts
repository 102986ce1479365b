// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** A document's data when nothing is known about its shape. */
export type JsonData = Record<string, unknown>;

/** What a copy kept up to date by events holds of a document. Every `SyncDocument` is one. */
export interface DocumentCopy<T extends object = JsonData> {
  readonly service: string;
  readonly id: string;
  /** 1 for the first write, exactly one more with every accepted write. */
  readonly revision: number;
  readonly data: T;
  readonly deleted?: true;
}

/** One document at one revision. */
export interface SyncDocument<T extends object = JsonData> extends DocumentCopy<T> {
  /** Milliseconds since 1970, by the server's clock; likewise the other times. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
  readonly updatedBy?: string;
}

/** What `merge` takes: members to set at any depth; `null` removes one. Arrays are replaced whole. */
export type MergePatch<T> = { [K in keyof T]?: MergeValue<T[K]> | null };

type MergeValue<V> = V extends readonly unknown[] ? V : V extends object ? MergePatch<V> : V;

/**
 * Field operations by path: a plain value sets, `{ $inc: 1 }`, `{ $push: 'x' }`, `{ $unset: true }` …
 * operate. Paths are dotted (`user.name`; a dot in a name is `\.`) or JSON Pointers (`/user/name`).
 */
export type FieldMutations = Record<string, unknown>;

/** One step of an ordered list of operations. */
export interface MutationStep {
  readonly op:
    | 'set'
    | 'unset'
    | 'increment'
    | 'multiply'
    | 'min'
    | 'max'
    | 'push'
    | 'addToSet'
    | 'pull'
    | 'pop'
    | 'toggle'
    | 'setIfAbsent'
    | 'merge'
    | 'move'
    | 'test'
    | 'serverTime'
    | (string & {});
  readonly path: string;
  readonly value?: unknown;
  /** Of `move`. */
  readonly from?: string;
}

/** One step of a JSON Patch, RFC 6902. */
export interface JsonPatchStep {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** A JSON Pointer. */
  readonly path: string;
  readonly value?: unknown;
  readonly from?: string;
}

/** For any operation. */
export interface CallOptions {
  /**
   * Names the operation, so that the server does it once however often it is sent within ten
   * minutes: at least 16 characters that nobody else uses. By default the client chooses one; give it
   * to repeat a write that ended `NOT_DURABLE`.
   */
  readonly requestId?: string | undefined;
}

/** For any write. */
export interface WriteOptions extends CallOptions {
  /** The write fails with `REVISION_CONFLICT` unless the document is at this revision. 0: it must not exist. */
  readonly expectedRevision?: number | undefined;
  /** On such a failure, `details.current` of the error is the document as it is. */
  readonly returnCurrent?: boolean | undefined;
}

export interface CreateOptions extends CallOptions {
  readonly id?: string | undefined;
  /** Milliseconds since 1970: the server deletes the document then. */
  readonly expiresAt?: number | undefined;
}

export interface MergeOptions extends WriteOptions {
  /** `'set'`: store `null` instead of removing the member. */
  readonly nulls?: 'set' | undefined;
}

export interface GetOptions {
  /** Also show a deleted document, with its last data. */
  readonly includeDeleted?: boolean | undefined;
}

export interface TouchOptions extends WriteOptions {
  /** When the document shall expire, in milliseconds since 1970; `null`: never. */
  readonly expiresAt: number | null;
}

export interface ListOptions {
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly filter?: Filter | undefined;
  readonly includeDeleted?: boolean | undefined;
}

export interface DocumentPage<T extends object = JsonData> {
  readonly documents: readonly SyncDocument<T>[];
  /** For `after` of the next page; absent on the last one. */
  readonly next?: string;
}

export interface HistoryOptions {
  /** Only changes after this revision. */
  readonly sinceRevision?: number | undefined;
  readonly limit?: number | undefined;
}

/** One change of one document, as its history has it. */
export interface DocumentChange<T extends object = JsonData> {
  readonly id: string;
  readonly operation: Operation;
  readonly revision: number;
  readonly timestamp: number;
  readonly actor?: string;
  readonly data?: T;
  readonly deleted?: true;
  readonly diff?: Diff;
}

export interface ChangePage<T extends object = JsonData> {
  readonly changes: readonly DocumentChange<T>[];
  /** For `sinceRevision` of the next page; absent on the last one. */
  readonly next?: number;
}

/** One operation of a batch. */
export type BatchStep =
  | {
      readonly op: 'create';
      readonly service: string;
      readonly id?: string;
      readonly data: object;
      readonly expiresAt?: number;
    }
  | (BatchTarget & { readonly op: 'replace' | 'merge'; readonly data: object })
  | (BatchTarget & {
      readonly op: 'mutate';
      readonly mutations: FieldMutations | readonly MutationStep[];
    })
  | (BatchTarget & { readonly op: 'patch'; readonly patch: readonly JsonPatchStep[] })
  | (BatchTarget & { readonly op: 'delete' | 'restore' })
  | (BatchTarget & { readonly op: 'touch'; readonly expiresAt: number | null });

interface BatchTarget {
  readonly service: string;
  readonly id: string;
  readonly expectedRevision?: number;
}

/** `full`: the document; `diff`: what changed; `both`. */
export type ReturnMode = 'full' | 'diff' | 'both';

export type Operation =
  | 'create'
  | 'replace'
  | 'merge'
  | 'mutate'
  | 'delete'
  | 'restore'
  | 'expire'
  | 'snapshot'
  | (string & {});

/**
 * Conditions that must all hold. Keys: `id`, `operation`, else a path into the data. Values: a literal
 * (equality), or an object of `gt gte lt lte ne in exists prefix contains`.
 */
export type Filter = Readonly<Record<string, unknown>>;

/** What changed, by path. Paths are those of `mutate`; no path is listed twice or inside another. */
export interface Diff {
  readonly added: Readonly<Record<string, unknown>>;
  /** With the old values. */
  readonly removed: Readonly<Record<string, unknown>>;
  readonly changed: Readonly<Record<string, FieldChange>>;
}

export interface FieldChange {
  /** Absent, with `fromOmitted`, when it is very large. */
  readonly from?: unknown;
  readonly fromOmitted?: true;
  readonly to: unknown;
}

export interface EventMetadata {
  readonly operation: Operation;
  readonly revision: number;
  /** A diff applies to a copy at this revision and to no other. Snapshots have none. */
  readonly previousRevision?: number;
  readonly service: string;
  readonly documentId: string;
  readonly returnMode: ReturnMode;
  readonly actor?: string;
  /** Of the write that made the change. */
  readonly requestId?: string;
  readonly batchId?: string;
  /** A deleted document's next life began. */
  readonly revived?: true;
  /** `left`: the document no longer matches the subscription's filter, or may no longer be read. */
  readonly match?: 'left' | (string & {});
  /** Changes in between were left out, for a slow reader; `payload.data` is there, whatever the mode. */
  readonly resync?: true;
  /** The diff would have been too costly; `payload.data` is there instead. */
  readonly diffSkipped?: true;
}

interface PayloadHead {
  readonly service: string;
  readonly id: string;
  readonly revision: number;
  readonly deleted?: true;
}

export interface FullPayload<T extends object = JsonData> extends PayloadHead {
  readonly data: T;
  readonly diff?: undefined;
}

export interface DiffPayload<T extends object = JsonData> extends PayloadHead {
  /** Only in snapshots, and where the metadata say `resync` or `diffSkipped`. */
  readonly data?: T;
  readonly diff: Diff;
}

export interface BothPayload<T extends object = JsonData> extends PayloadHead {
  readonly data: T;
  readonly diff: Diff;
}

/** One change of one document, as a subscription delivers it. */
export interface SyncEvent<T extends object = JsonData, M extends ReturnMode = ReturnMode> {
  /** Names the change, for `recover`; the same however often it is delivered. Snapshots have none. */
  readonly id?: string;
  readonly topic: string;
  readonly source: string;
  readonly timestamp: number;
  readonly metadata: EventMetadata;
  readonly payload: Payload<T, M>;
}

type Payload<T extends object, M extends ReturnMode> = M extends 'full'
  ? FullPayload<T>
  : M extends 'diff'
    ? DiffPayload<T>
    : BothPayload<T>;

export type FullEvent<T extends object = JsonData> = SyncEvent<T, 'full'>;
export type DiffEvent<T extends object = JsonData> = SyncEvent<T, 'diff'>;
export type BothEvent<T extends object = JsonData> = SyncEvent<T, 'both'>;
