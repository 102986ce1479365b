// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What compiles, and what must not, in a strict program without the types of browsers or Node.
// Compiled, never run.
import { applyDiff, Decimal, FreshetError, RealtimeClient } from '@freshet/client';
import type { BothEvent, DiffEvent, DocumentCopy, SyncDocument } from '@freshet/client';

interface Session {
  status: 'active' | 'ended';
  participants: number;
  user?: { name: string; tags: string[] };
}

const realtime = new RealtimeClient({
  url: 'ws://127.0.0.1:6020',
  token: async () => 'token',
  reconnectionAttempts: Infinity,
  numbers: 'exact',
});
// @ts-expect-error an address is needed
new RealtimeClient({});

// Documents of a known shape.
const created = await realtime.sync.create<Session>('session', {
  status: 'active',
  participants: 0,
});
const status: 'active' | 'ended' = created.data.status;
await realtime.sync.create<Session>('session', { status: 'active', participants: 0 }, 'an-id');
// @ts-expect-error not a status
await realtime.sync.create<Session>('session', { status: 'gone', participants: 0 });
await realtime.sync.merge<Session>('session', created.id, { user: { name: 'A' } }, 1);
await realtime.sync.merge<Session>('session', created.id, { user: null });
// @ts-expect-error not a number
await realtime.sync.merge<Session>('session', created.id, { participants: 'x' });
await realtime.sync.update<Session>('session', created.id, (data) => ({
  ...data,
  participants: 1,
}));
// @ts-expect-error no such member
await realtime.sync.update<Session>('session', created.id, (data) => ({ ...data, n: data.n }));

// Documents of a shape that is told by the data.
const inferred = await realtime.sync.create('session', { n: 1 });
const n: number = inferred.data.n;

// Documents of an unknown shape.
const unknown: SyncDocument = await realtime.sync.get('session', 'a');
const member: unknown = unknown.data['anything'];
await realtime.sync.merge('session', 'a', { anything: { at: ['all'] } });
await realtime.sync.mutate('session', 'a', { n: { $inc: 1 } }, { expectedRevision: 3 });
await realtime.sync.mutate('session', 'a', [{ op: 'push', path: '/list', value: 1 }]);
await realtime.sync.patch('session', 'a', [{ op: 'remove', path: '/n' }]);
const nothing: void = await realtime.sync.delete('session', 'a');

// Events.
const id: string = realtime.subscribe({ topic: 'sync.session.updated', returnMode: 'diff' });
realtime
  .on('event:sync.session.updated', (event) => {
    const data: unknown = event.payload.data?.['status'];
    // @ts-expect-error whether there is a diff depends on the mode
    void event.payload.diff.added;
    void data;
  })
  .on(`event:${id}`, (event: DiffEvent<Session>) => {
    void Object.keys(event.payload.diff.added);
    // @ts-expect-error there may be no data
    void event.payload.data.status;
  })
  .once('event', (event: BothEvent<Session>) => {
    const session: Session = event.payload.data;
    void session;
    void event.payload.diff.changed;
  })
  .on('connection', (state, { attempt = 0 }) => state === 'reconnecting' && attempt)
  .on('error', (error) => error.status)
  .on('gap', ({ subscriptionId }) => subscriptionId)
  .off('subscribed');
// @ts-expect-error no such event
realtime.on('events', () => {});

// Copies.
let copy: DocumentCopy<Session> | undefined = created;
realtime.on('event:sync.session.updated', async (event: DiffEvent<Session>) => {
  copy = applyDiff(copy, event) ?? (await realtime.sync.get<Session>('session', created.id));
});

// Errors.
try {
  await realtime.ready(id);
} catch (error) {
  if (error instanceof FreshetError && error.code === 'REVISION_CONFLICT') {
    const current: unknown = error.details['current'];
    void current;
  }
}
void [status, n, member, nothing, new Decimal('0.1')];
