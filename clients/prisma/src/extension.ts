// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { Prisma } from '@prisma/client/extension';
import { decimalOf } from './decimals.js';
import { doorsOf } from './endpoint.js';
import type { PrismaPulseError } from './errors.js';
import { Feed } from './feed.js';
import { headersOf } from './headers.js';
import { modelOf } from './model.js';
import type { Context } from './model.js';
import { subscriptionTo } from './subscription.js';
import type { PulseSubscription } from './subscription.js';
import type { PulseEventOf, PulseRow, PulseStreamArgs, PulseSubscribeArgs } from './types.js';

export interface Retry {
  readonly modelName: string;
  /** Of the stream. */
  readonly name: string | undefined;
  /** Why the last attempt came to nothing; none if it is the first after a connection. */
  readonly error: PrismaPulseError | undefined;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

export interface FreshetOptions {
  /** Of the server: `ws`, `wss`, `http` or `https`, host and port, and a path if a proxy has one. */
  readonly endpoint: string | URL;
  readonly apiKey: string;
  /** How to come back when a connection is lost. */
  readonly reconnect?: {
    /** Milliseconds before the first attempt, about; each further one waits twice as long. 100. */
    readonly firstMs?: number;
    /** Milliseconds that no wait exceeds. 10 000. */
    readonly maxMs?: number;
    /** Milliseconds in which a taken name is tried for again: the server may not know yet that our
     * former connection is gone. 15 000. */
    readonly nameTakenMs?: number;
  };
  /** Told before each wait. */
  readonly onRetry?: (retry: Retry) => void;
}

/** What `$extends` takes. */
export interface FreshetExtension {
  readonly name: string;
  readonly model: {
    readonly $allModels: {
      /**
       * Changes in order, and with a `name` each at least once, whatever happens to the connection.
       *
       * @throws PrismaPulseError if the server refuses it or cannot be reached
       */
      stream<M, A>(
        this: M,
        args?: Prisma.Exact<A, PulseStreamArgs<M>>,
      ): Promise<PulseSubscription<PulseEventOf<PulseRow<M>, A>>>;
      /**
       * Changes as they happen, each at most once.
       *
       * @throws PrismaPulseError if the server refuses it or cannot be reached
       */
      subscribe<M, A>(
        this: M,
        args?: Prisma.Exact<A, PulseSubscribeArgs<M>>,
      ): Promise<PulseSubscription<PulseEventOf<PulseRow<M>, A>>>;
    };
  };
}

const FIRST_MS = 100;
const MAX_MS = 10_000;
const NAME_TAKEN_MS = 15_000;
const RHYTHM = { everyMs: 5_000, withinMs: 2_000 };
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** @throws TypeError */
export function withFreshet(options: FreshetOptions): FreshetExtension {
  const { apiKey, reconnect, onRetry } = options;
  const doors = doorsOf(options.endpoint);
  if (!HEADER_TEXT.test(apiKey)) throw new TypeError('apiKey is a text of visible ASCII letters');
  const backoff = { first: reconnect?.firstMs ?? FIRST_MS, max: reconnect?.maxMs ?? MAX_MS };
  const nameTakenMs = reconnect?.nameTakenMs ?? NAME_TAKEN_MS;

  async function begin(door: URL, model: unknown, args: unknown, isNamed: boolean) {
    const context = model as Context;
    const [modelName, shape] = modelOf(context);
    const { name, filters } = split(args);
    const streamName = isNamed ? name : undefined;
    const clientVersion = context.$parent._clientVersion ?? 'unknown';
    const headers = headersOf({
      apiKey,
      clientVersion,
      modelName,
      model: shape,
      args: filters,
      name: streamName,
    });
    const feed = new Feed(door, headers, {
      backoff,
      nameTakenMs,
      rhythm: RHYTHM,
      isLasting: streamName !== undefined,
      clientVersion,
      decimal: await decimalOf(context),
      onRetry: (error, delayMs) => onRetry?.({ modelName, name: streamName, error, delayMs }),
    });
    const open = feed.open();
    await open;
    return subscriptionTo<never>(feed, open);
  }

  return {
    name: '@freshet/prisma',
    model: {
      $allModels: {
        stream(args) {
          return begin(doors.stream, this, args, true);
        },
        subscribe(args) {
          return begin(doors.subscribe, this, args, false);
        },
      },
    },
  };
}

function split(args: unknown): { name: string | undefined; filters: Record<string, unknown> } {
  if (args !== undefined && (typeof args !== 'object' || args === null)) {
    throw new TypeError('stream() and subscribe() take an object');
  }
  const { name, ...filters } = (args ?? {}) as Record<string, unknown>;
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError('name is a text');
  }
  return { name, filters };
}
