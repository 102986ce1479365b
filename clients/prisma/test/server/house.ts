// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Writing what streams bring, and looking at the server, over HTTP.
import assert from 'node:assert/strict';
import type { PulseSubscription } from '@freshet/prisma';
import { within } from '../waiting.js';
import type { Server } from './server.js';

export const ADMIN = 'an-admin-token-for-tests';

interface Answer {
  readonly place: string;
  readonly inFlight: number;
  readonly connections: readonly { readonly id: string; readonly door: string }[];
}

export class House {
  readonly #server: Server;
  readonly #collection: string;

  constructor(server: Server, collection = 'people') {
    this.#server = server;
    this.#collection = collection;
  }

  get #base(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async #write(method: string, below: string, body?: object): Promise<void> {
    const answer = await fetch(`${this.#base}/api/sync/${below}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    assert.ok(answer.ok, `${method} ${below}: ${answer.status} ${await answer.text()}`);
  }

  create(id: string, data: object = {}): Promise<void> {
    return this.#write('POST', `${this.#collection}/documents`, { id, data });
  }

  replace(id: string, data: object): Promise<void> {
    return this.#write('PUT', `${this.#collection}/documents/${id}`, { data });
  }

  delete(id: string): Promise<void> {
    return this.#write('DELETE', `${this.#collection}/documents/${id}`);
  }

  /** Creates many at once. */
  createAll(ids: readonly string[], data: object = {}): Promise<void> {
    const ops = ids.map((id) => ({ op: 'create', service: this.#collection, id, data }));
    return this.#write('POST', 'batch', { ops });
  }

  async admin(method: string, below: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${ADMIN}` };
    const answer = await fetch(`${this.#base}/admin/${below}`, { method, headers });
    assert.ok(answer.ok, `${method} ${below}: ${answer.status}`);
    return (await answer.json()) as Answer;
  }

  async placeOf(stream: string): Promise<string> {
    return (await this.admin('GET', `streams/${encodeURIComponent(stream)}`)).place;
  }

  /** The sum of a metric of Pulse's doors. */
  async metric(name: string, door: string): Promise<number> {
    const headers = { authorization: `Bearer ${ADMIN}` };
    const text = await (await fetch(`${this.#base}/metrics`, { headers })).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && line.includes(`door="${door}"`))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

interface AnyEvent {
  readonly id: string;
  readonly action: string;
  readonly created?: { readonly id?: unknown };
  readonly after?: { readonly id?: unknown };
  readonly deleted?: { readonly id?: unknown };
}

/** `create 1`, and so on. */
export function short({ action, created, after, deleted }: AnyEvent): string {
  return `${action} ${String((created ?? after ?? deleted)?.id)}`;
}

/** The first so many events; the last of them is not acknowledged. */
export async function first<E>(subscription: PulseSubscription<E>, count: number): Promise<E[]> {
  const events: E[] = [];
  const read = async () => {
    for await (const event of subscription) {
      events.push(event);
      if (events.length === count) break;
    }
  };
  await within(read(), `${count} events`);
  await within(subscription.closed, 'the end of the stream');
  return events;
}
