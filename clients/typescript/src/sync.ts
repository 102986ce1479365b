// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { waitBefore } from './backoff.js';
import type {
  BatchStep,
  CallOptions,
  ChangePage,
  CreateOptions,
  DocumentPage,
  FieldMutations,
  GetOptions,
  HistoryOptions,
  JsonData,
  JsonPatchStep,
  ListOptions,
  MergeOptions,
  MergePatch,
  MutationStep,
  SyncDocument,
  TouchOptions,
  WriteOptions,
} from './documents.js';
import { errorOf, FreshetError } from './errors.js';
import type { ResultFrame } from './frames.js';

/** Has one operation done, and waits for its answer. */
export type Caller = (
  op: string,
  members: object,
  options?: CallOptions & { readonly isRead?: boolean },
) => Promise<ResultFrame>;

export interface UpdateOptions<T extends object = JsonData> {
  /** How often to try before giving up with the last `REVISION_CONFLICT`; 10 by default. */
  readonly attempts?: number | undefined;
  /** Makes the data to begin with if there is no such document; without it, that is an error. */
  readonly initial?: (() => T) | undefined;
}

const ATTEMPTS = 10;
/** Between attempts of an update. */
const UPDATE_BACKOFF = { first: 5, max: 500 };
/** Somebody else has written, or deleted, in between. */
const AGAIN = ['REVISION_CONFLICT', 'ALREADY_EXISTS', 'NOT_FOUND'];

/**
 * Revisioned documents. Every method resolves once the server has answered; a write that has
 * resolved is kept. What fails rejects with a `FreshetError`.
 *
 * While there is no connection, operations wait for the next one. Those whose answer was lost with a
 * connection are sent again over the next; the server does them once.
 */
export class SyncClient {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /**
   * A new document, at revision 1 (a deleted one's next life: one more than its last revision).
   *
   * @param id chosen by the server if not given: `doc_…`
   */
  create<T extends object = JsonData>(
    service: string,
    data: T,
    id?: string | CreateOptions,
  ): Promise<SyncDocument<T>> {
    const options = typeof id === 'object' ? id : { id };
    return this.#write('create', { service, data }, options);
  }

  async get<T extends object = JsonData>(
    service: string,
    id: string,
    options: GetOptions = {},
  ): Promise<SyncDocument<T>> {
    const { document } = await this.#read('get', { service, id, ...options });
    return document as SyncDocument<T>;
  }

  /** The data becomes what is given, all of it. */
  replace<T extends object = JsonData>(
    service: string,
    id: string,
    data: T,
    expected?: number | WriteOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('replace', { service, id, data }, expected);
  }

  /** Sets the members given, at any depth, and removes those given as `null`. */
  merge<T extends object = JsonData>(
    service: string,
    id: string,
    partial: NoInfer<MergePatch<T>>,
    expected?: number | MergeOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('merge', { service, id, data: partial }, expected);
  }

  /** Operations on fields, all of them or none, in one revision. */
  mutate<T extends object = JsonData>(
    service: string,
    id: string,
    mutations: FieldMutations | readonly MutationStep[],
    expected?: number | WriteOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('mutate', { service, id, mutations }, expected);
  }

  /** A JSON Patch (an array, RFC 6902), or a JSON Merge Patch (an object, RFC 7396). */
  patch<T extends object = JsonData>(
    service: string,
    id: string,
    patch: readonly JsonPatchStep[] | NoInfer<MergePatch<T>>,
    expected?: number | WriteOptions,
  ): Promise<SyncDocument<T>> {
    return Array.isArray(patch)
      ? this.#write('patch', { service, id, patch }, expected)
      : this.#write('merge', { service, id, data: patch }, expected);
  }

  /** Hides the document. Until the server forgets it, `restore` brings it back. */
  async delete(service: string, id: string, expected?: number | WriteOptions): Promise<void> {
    await this.#write('delete', { service, id }, expected);
  }

  restore<T extends object = JsonData>(
    service: string,
    id: string,
    expected?: number | WriteOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('restore', { service, id }, expected);
  }

  /** Says when the document shall expire, without changing its data. */
  touch<T extends object = JsonData>(
    service: string,
    id: string,
    { expiresAt, ...options }: TouchOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('touch', { service, id, expiresAt }, options);
  }

  /** A page of a service's documents, ordered by id. */
  async list<T extends object = JsonData>(
    service: string,
    options: ListOptions = {},
  ): Promise<DocumentPage<T>> {
    const { documents = [], next } = await this.#read('list', { service, ...options });
    const page = documents as readonly SyncDocument<T>[];
    return typeof next === 'string' ? { documents: page, next } : { documents: page };
  }

  /** A page of a document's changes, oldest first, as far back as the server keeps them. */
  async history<T extends object = JsonData>(
    service: string,
    id: string,
    options: HistoryOptions = {},
  ): Promise<ChangePage<T>> {
    const { changes = [], next } = await this.#read('history', { service, id, ...options });
    const page = changes as ChangePage<T>['changes'];
    return typeof next === 'number' ? { changes: page, next } : { changes: page };
  }

  /**
   * Several writes, each of another document: all of them are done, or none.
   *
   * @returns the documents, in the order of the steps (a deleted one without data). If one step fails
   *   it rejects with that step's error; its `details.results` are those of all steps, if the server
   *   tells them
   */
  async batch(
    steps: readonly BatchStep[],
    options: CallOptions = {},
  ): Promise<readonly SyncDocument[]> {
    const { results = [], status } = await this.#call('batch', { ops: steps }, options);
    const errors = results.flatMap(({ error }) => error ?? []);
    // The others were refused because of this one.
    const error = errors.find((each) => each.status === status) ?? errors[0];
    if (!error) return results.map(({ document }) => document as SyncDocument);
    throw errorOf({ ...error, details: { ...error.details, results } });
  }

  /**
   * Reads the document, has `change` make its next data, and writes that if nobody else has written
   * in between; otherwise begins again with what they wrote. `change` may run several times.
   *
   * @param change gets the data, its own copy; what it returns is written. `undefined`: nothing is
   */
  async update<T extends object = JsonData>(
    service: string,
    id: string,
    change: (
      data: T,
      document: SyncDocument<T> | undefined,
    ) => T | undefined | Promise<T | undefined>,
    options: UpdateOptions<T> = {},
  ): Promise<SyncDocument<T>> {
    const { attempts = ATTEMPTS, initial } = options;
    let current = await this.#find<T>(service, id, initial !== undefined);
    for (let attempt = 1; ; attempt++) {
      const before = current ? current.data : (initial?.() ?? notFound(service, id));
      const next = await change(before, current);
      if (next === undefined) return current ?? notFound(service, id);
      try {
        const expectedRevision = current?.revision ?? 0;
        return await this.replace(service, id, next, { expectedRevision, returnCurrent: true });
      } catch (error) {
        const isLast = attempt >= attempts || !(error instanceof FreshetError);
        if (isLast || !AGAIN.includes(error.code)) throw error;
        await pause(waitBefore(UPDATE_BACKOFF, attempt, Math.random()));
        current =
          (error.details['current'] as SyncDocument<T> | undefined) ??
          (await this.#find<T>(service, id, initial !== undefined));
      }
    }
  }

  async #find<T extends object>(
    service: string,
    id: string,
    mayBeMissing: boolean,
  ): Promise<SyncDocument<T> | undefined> {
    try {
      return await this.get<T>(service, id);
    } catch (error) {
      const isMissing = error instanceof FreshetError && error.code === 'NOT_FOUND';
      if (isMissing && mayBeMissing) return undefined;
      throw error;
    }
  }

  async #write<T extends object>(
    op: string,
    members: object,
    expected: number | (WriteOptions & object) | undefined,
  ): Promise<SyncDocument<T>> {
    const options = typeof expected === 'number' ? { expectedRevision: expected } : expected;
    const { requestId, ...rest } = options ?? {};
    const { document } = await this.#call(op, { ...members, ...rest }, { requestId });
    return document as SyncDocument<T>;
  }

  #read(op: string, members: object): Promise<ResultFrame> {
    return this.#call(op, members, { isRead: true });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function notFound(service: string, id: string): never {
  throw new FreshetError(404, 'NOT_FOUND', `there is no document ${service}/${id}`);
}
