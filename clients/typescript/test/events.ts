// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Events as a server makes them.
import type { SyncEvent } from '@freshet/client';
import type { Frame } from './scripted.js';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID of 48 bits of time, 24 bits of tag and 56 bits of place. */
export function eventId(place: number, tag = 1, time = 1_700_000_000_000): string {
  let bits = (BigInt(time) << 80n) | (BigInt(tag) << 56n) | BigInt(place);
  let id = '';
  for (let i = 0; i < 26; i++, bits >>= 5n) id = DIGITS[Number(bits & 31n)] + id;
  return id;
}

interface Change {
  readonly id?: string;
  readonly place?: number;
  readonly revision?: number;
  readonly document?: string;
  readonly topic?: string;
  readonly metadata?: Frame;
  readonly payload?: Frame;
}

/** A merge of `session/doc` unless told otherwise. */
export function event({ place = 1, revision = place, document = 'doc', ...more }: Change): Frame {
  return {
    id: more.id ?? eventId(place),
    topic: more.topic ?? 'sync.session.updated',
    source: 'sync',
    timestamp: 1_700_000_000_000,
    metadata: {
      operation: 'merge',
      revision,
      previousRevision: revision - 1,
      service: 'session',
      documentId: document,
      returnMode: 'full',
      ...more.metadata,
    },
    payload: { service: 'session', id: document, revision, data: { n: revision }, ...more.payload },
  };
}

/** A creation of `User/u<place>`, as a stream has it. */
export function change(place: number, more: Frame = {}): Frame {
  const documentId = `u${place}`;
  const head = { id: eventId(place), action: 'create', collection: 'User', documentId };
  return { ...head, revision: 1, created: { id: documentId, n: place }, ...more };
}

/** What a listener was called with, in order. */
export function recorded(): { readonly revisions: number[]; listener(event: SyncEvent): void } {
  const revisions: number[] = [];
  return { revisions, listener: (event) => revisions.push(event.metadata.revision) };
}
