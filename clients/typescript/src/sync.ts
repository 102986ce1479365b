// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
import { waitBefore } from './backoff.js';
import type {
  BatchOptions,
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
import type { BatchAnswer, ResultFrame } from './frames.js';
import { randomText } from './random.js';

/** Has one operation done, and waits for its answer. */
export type Caller = (
  op: string,
  members: object,
  options?: CallOptions & { readonly isRead?: boolean },
) => Promise<ResultFrame>;

/** What became of one step of a batch. */
export type BatchResult =
  | { readonly status: number; readonly document: SyncDocument; readonly error?: undefined }
  | { readonly status: number; readonly document?: undefined; readonly error: FreshetError };

export interface UpdateOptions<T extends object = JsonData> {
  /** How often to try before giving up with the last `REVISION_CONFLICT`; 10 by default. */
  readonly attempts?: number | undefined;
  /** Makes the data to begin with if there is no such document; without it, that is an error. */
  readonly initial?: (() => T) | undefined;
}

const ATTEMPTS = 10;
/** Between attempts of an update. */
const UPDATE_BACKOFF = { first: 5, max: 500 };
const ID_CHARACTERS = 20;
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
   * @param id chosen at random if not given: `doc_…`
   */
  async create<T extends object = JsonData>(
    service: string,
    data: T,
    id?: string | CreateOptions,
  ): Promise<SyncDocument<T>> {
    const options = typeof id === 'object' ? id : { id };
    const { requestId, expiresAt } = options;
    // Chosen here, so that a create that is sent again cannot make a second document.
    const name = options.id ?? `doc_${randomText(ID_CHARACTERS)}`;
    return this.#write('create', { service, id: name, data, expiresAt }, { requestId });
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
    options?: CallOptions,
  ): Promise<SyncDocument<T>> {
    return this.#write('restore', { service, id }, options);
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
   * Several writes, of different documents, at once. An atomic one that fails rejects with the first
   * step's error that failed; the `details.results` are those of all steps.
   */
  async batch(steps: readonly BatchStep[], options: BatchOptions = {}): Promise<BatchResult[]> {
    const { atomic = true, requestId } = options;
    const ops = steps.map((step) =>
      step.op === 'create' && step.id === undefined
        ? { ...step, id: `doc_${randomText(ID_CHARACTERS)}` }
        : step,
    );
    const { results = [], status } = await this.#call('batch', { atomic, ops }, { requestId });
    const outcomes = results.map(outcomeOf);
    const failure = outcomes.find(({ error }) => error)?.error;
    if (!failure || status < 400) return outcomes;
    const { code, message } = failure;
    throw new FreshetError(failure.status, code, message, {
      ...failure.details,
      results: outcomes,
    });
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

function outcomeOf({ status, document, error }: BatchAnswer): BatchResult {
  return error || !document
    ? { status, error: errorOf({ status, ...error }) }
    : { status, document: document as SyncDocument };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function notFound(service: string, id: string): never {
  throw new FreshetError(404, 'NOT_FOUND', `there is no document ${service}/${id}`);
}
