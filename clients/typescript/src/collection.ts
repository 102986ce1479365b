// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type {
  ActionsIn,
  Change,
  ChangeStream,
  LiveOptions,
  StreamLag,
  StreamOptions,
} from './changes.js';
import type { JsonData } from './documents.js';

/** What the server is asked for. */
export interface StreamRequest {
  readonly collection: string;
  readonly mode?: 'subscribe';
  readonly name?: string;
  readonly from?: string;
  readonly window?: number | undefined;
  readonly snapshot?: boolean;
}

/** Has a stream opened. */
export type Opener = (
  request: StreamRequest,
  onLag: ((lag: StreamLag) => void) | undefined,
) => ChangeStream<unknown>;

/** Without a name the server has no window, and this client no end to what waits in it. */
const WINDOW = 256;

/** The changes of one collection (in `realtime.sync` it is called a service). */
export class Collection<T extends object = JsonData> {
  readonly name: string;
  readonly #open: Opener;

  constructor(name: string, open: Opener) {
    this.name = name;
    this.#open = open;
  }

  /**
   * Every change, in order, each at least once: what was missed while the connection was away follows
   * when it is back. With a `name` also what was missed while nobody read.
   */
  stream<K extends keyof StreamOptions<T> = never>(
    options?: Pick<StreamOptions<T>, K>,
  ): ChangeStream<Change<T, ActionsIn<K>>> {
    const { onLag, ...asked }: StreamOptions<T> = { ...options };
    const window = asked.window ?? (asked.name === undefined ? WINDOW : undefined);
    return this.#opened({ ...asked, window, collection: this.name }, onLag);
  }

  /** Changes while they happen, each at most once: nothing waits for a reader that is away or too slow. */
  subscribe<K extends keyof LiveOptions<T> = never>(
    options?: Pick<LiveOptions<T>, K>,
  ): ChangeStream<Change<T, ActionsIn<K>>> {
    const { onLag, ...asked }: LiveOptions<T> = { ...options };
    return this.#opened({ ...asked, mode: 'subscribe', collection: this.name }, onLag);
  }

  #opened<C>(request: StreamRequest, onLag: LiveOptions['onLag']): ChangeStream<C> {
    return this.#open(request, onLag) as ChangeStream<C>;
  }
}
