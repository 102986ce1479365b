// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What each operation sends, and what it makes of the answer.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FreshetError } from '@freshet/client';
import type { RealtimeClient, SyncDocument } from '@freshet/client';
import { connected } from '../scripted.js';
import type { Frame, Peer } from '../scripted.js';
import { rejection, within } from '../waiting.js';

const DOCUMENT = { service: 'session', id: 'a', revision: 4, data: { n: 1 } };

type Sync = RealtimeClient['sync'];

const OPERATIONS: readonly [what: string, call: (sync: Sync) => Promise<unknown>, sent: Frame][] = [
  [
    'create',
    (sync) => sync.create('session', { n: 1 }),
    { op: 'create', service: 'session', data: { n: 1 } },
  ],
  [
    'create with an id',
    (sync) => sync.create('session', { n: 1 }, 'a'),
    { op: 'create', service: 'session', id: 'a', data: { n: 1 } },
  ],
  [
    'create with options',
    (sync) => sync.create('session', {}, { id: 'a', expiresAt: 9 }),
    { op: 'create', service: 'session', id: 'a', data: {}, expiresAt: 9 },
  ],
  ['get', (sync) => sync.get('session', 'a'), { op: 'get', service: 'session', id: 'a' }],
  [
    'get with a deleted one',
    (sync) => sync.get('session', 'a', { includeDeleted: true }),
    { op: 'get', service: 'session', id: 'a', includeDeleted: true },
  ],
  [
    'replace',
    (sync) => sync.replace('session', 'a', { n: 1 }),
    { op: 'replace', service: 'session', id: 'a', data: { n: 1 } },
  ],
  [
    'replace at a revision',
    (sync) => sync.replace('session', 'a', { n: 1 }, 3),
    { op: 'replace', service: 'session', id: 'a', data: { n: 1 }, expectedRevision: 3 },
  ],
  [
    'merge',
    (sync) => sync.merge('session', 'a', { n: null }, 3),
    { op: 'merge', service: 'session', id: 'a', data: { n: null }, expectedRevision: 3 },
  ],
  [
    'merge with options',
    (sync) => sync.merge('session', 'a', {}, { nulls: 'set', returnCurrent: true }),
    { op: 'merge', service: 'session', id: 'a', data: {}, nulls: 'set', returnCurrent: true },
  ],
  [
    'mutate by a map',
    (sync) => sync.mutate('session', 'a', { n: { $inc: 1 }, 'b.c': 2 }, 5),
    {
      op: 'mutate',
      service: 'session',
      id: 'a',
      mutations: { n: { $inc: 1 }, 'b.c': 2 },
      expectedRevision: 5,
    },
  ],
  [
    'mutate by a list',
    (sync) => sync.mutate('session', 'a', [{ op: 'increment', path: '/n', value: 1 }]),
    {
      op: 'mutate',
      service: 'session',
      id: 'a',
      mutations: [{ op: 'increment', path: '/n', value: 1 }],
    },
  ],
  [
    'patch by a JSON Patch',
    (sync) => sync.patch('session', 'a', [{ op: 'remove', path: '/n' }], 2),
    {
      op: 'patch',
      service: 'session',
      id: 'a',
      patch: [{ op: 'remove', path: '/n' }],
      expectedRevision: 2,
    },
  ],
  [
    'patch by a merge patch',
    (sync) => sync.patch('session', 'a', { n: null }),
    { op: 'merge', service: 'session', id: 'a', data: { n: null } },
  ],
  [
    'restore',
    (sync) => sync.restore('session', 'a'),
    { op: 'restore', service: 'session', id: 'a' },
  ],
  [
    'touch',
    (sync) => sync.touch('session', 'a', { expiresAt: null, expectedRevision: 4 }),
    { op: 'touch', service: 'session', id: 'a', expiresAt: null, expectedRevision: 4 },
  ],
];

for (const [what, call, sent] of OPERATIONS) {
  test(`${what}: sends what was asked, resolves to the document`, async (t) => {
    const { realtime, peer } = await connected(t);
    const done = call(realtime.sync);
    const { requestId, ...request } = await peer.next('sync');
    assert.deepEqual(request, { type: 'sync', ...sent });
    peer.result({ requestId }, { document: DOCUMENT });
    assert.deepEqual(await within(done, 'the answer'), DOCUMENT);
  });
}

test('delete resolves to nothing', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.delete('session', 'a', 4);
  const { requestId, ...request } = await peer.next('sync');
  const sent = { op: 'delete', service: 'session', id: 'a', expectedRevision: 4 };
  assert.deepEqual(request, { type: 'sync', ...sent });
  peer.result({ requestId }, { document: { ...DOCUMENT, deleted: true } });
  assert.equal(await within(done, 'the answer'), undefined);
});

test('a program may name its requests', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.create('session', {}, { requestId: 'mine' });
  const { requestId, ...request } = await peer.next('sync');
  assert.equal(requestId, 'mine');
  assert.deepEqual(request, { type: 'sync', op: 'create', service: 'session', data: {} });
  peer.result({ requestId }, { document: DOCUMENT });
  await done;
});

test('list is read page by page', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.list('session', { after: 'a', limit: 2, filter: { n: 1 } });
  const { requestId, ...request } = await peer.next('sync');
  const sent = { op: 'list', service: 'session', after: 'a', limit: 2, filter: { n: 1 } };
  assert.deepEqual(request, { type: 'sync', ...sent });
  peer.result({ requestId }, { documents: [DOCUMENT], next: 'b' });
  assert.deepEqual(await done, { documents: [DOCUMENT], next: 'b' });
  const last = realtime.sync.list('session');
  peer.result(await peer.next('sync'), { documents: [] });
  assert.deepEqual(await last, { documents: [] });
});

test('history is read page by page', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.history('session', 'a', { sinceRevision: 3, limit: 1 });
  const { requestId, ...request } = await peer.next('sync');
  const sent = { op: 'history', service: 'session', id: 'a', sinceRevision: 3, limit: 1 };
  assert.deepEqual(request, { type: 'sync', ...sent });
  const changes = [{ id: '01', operation: 'merge', revision: 4, timestamp: 1 }];
  peer.result({ requestId }, { changes, next: 4 });
  assert.deepEqual(await done, { changes, next: 4 });
});

test('a batch resolves to its documents', async (t) => {
  const { realtime, peer } = await connected(t);
  const steps = [
    { op: 'create', service: 'session', data: { n: 1 } },
    { op: 'delete', service: 'session', id: 'b', expectedRevision: 2 },
  ] as const;
  const done = realtime.sync.batch(steps);
  const { requestId, ...request } = await peer.next('sync');
  assert.deepEqual(request, { type: 'sync', op: 'batch', ops: steps });
  const deleted = { service: 'session', id: 'b', revision: 3, deleted: true };
  const results = [
    { status: 201, document: DOCUMENT },
    { status: 200, document: deleted },
  ];
  peer.result({ requestId }, { results });
  assert.deepEqual(await done, [DOCUMENT, deleted]);
});

test('a batch that fails rejects with the error of the step that failed', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = rejection(realtime.sync.batch([{ op: 'delete', service: 'session', id: 'b' }]));
  const { requestId } = await peer.next('sync');
  const message = 'conflict: another revision';
  const error = { code: 'REVISION_CONFLICT', status: 409, message, details: { id: 'b' } };
  const other = { code: 'ABORTED', status: 424, message: 'another step failed' };
  const results = [
    { status: 424, error: other },
    { status: 409, error },
  ];
  peer.result({ requestId }, { status: 409, results });
  const { status, code, details } = await done;
  assert.deepEqual([status, code, details], [409, 'REVISION_CONFLICT', { id: 'b', results }]);
});

// update

const CONFLICT = { status: 409, code: 'REVISION_CONFLICT', message: 'conflict: another revision' };
const NOT_FOUND = { status: 404, code: 'NOT_FOUND', message: 'there is none' };

interface Counter {
  n: number;
}

const increment = ({ n }: Counter): Counter => ({ n: n + 1 });

function counter(revision: number, n: number): SyncDocument<Counter> {
  const times = { createdAt: 1, updatedAt: 1 };
  return { service: 'session', id: 'a', revision, data: { n }, ...times };
}

function refuse(peer: Peer, { requestId }: Frame, error: Frame): void {
  peer.send({ type: 'error', requestId, ...error });
}

test('update reads, changes, and writes if nobody else has', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.update<Counter>('session', 'a', increment);
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  const { op, data, expectedRevision, ...rest } = await peer.next('sync');
  assert.deepEqual([op, data, expectedRevision], ['replace', { n: 2 }, 7]);
  peer.result(rest, { document: counter(8, 2) });
  assert.deepEqual(await within(done, 'the update'), counter(8, 2));
});

test('update begins again with what somebody else has written', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.update<Counter>('session', 'a', increment);
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  const first = await peer.next('sync');
  refuse(peer, first, { ...CONFLICT, details: { current: counter(8, 10) } });
  const second = await peer.next('sync');
  assert.deepEqual([second['data'], second['expectedRevision']], [{ n: 11 }, 8]);
  refuse(peer, second, CONFLICT);
  const read = await peer.next('sync');
  assert.equal(read['op'], 'get', 'a server that does not show the document is asked');
  peer.result(read, { document: counter(9, 20) });
  const third = await peer.next('sync');
  assert.deepEqual([third['data'], third['expectedRevision']], [{ n: 21 }, 9]);
  peer.result(third, { document: counter(10, 21) });
  assert.equal((await within(done, 'the update')).revision, 10);
});

test('update gives up after so many attempts', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = rejection(realtime.sync.update<Counter>('session', 'a', increment, { attempts: 2 }));
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  for (const revision of [8, 9]) {
    const details = { current: counter(revision, 1) };
    refuse(peer, await peer.next('sync'), { ...CONFLICT, details });
  }
  assert.equal((await done).code, 'REVISION_CONFLICT');
});

test('update writes nothing when told to', async (t) => {
  const { realtime, peer } = await connected(t);
  const done = realtime.sync.update<Counter>('session', 'a', async () => undefined);
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  assert.deepEqual(await within(done, 'the update'), counter(7, 1));
  assert.equal(peer.unread, 0);
});

test('update of a document that is missing: an error, or a beginning', async (t) => {
  const { realtime, peer } = await connected(t);
  const missing = rejection(realtime.sync.update<Counter>('session', 'a', increment));
  refuse(peer, await peer.next('sync'), NOT_FOUND);
  assert.equal((await missing).code, 'NOT_FOUND');
  const initial = () => ({ n: 0 });
  const done = realtime.sync.update<Counter>('session', 'a', increment, { initial });
  refuse(peer, await peer.next('sync'), NOT_FOUND);
  const first = await peer.next('sync');
  assert.deepEqual([first['data'], first['expectedRevision']], [{ n: 1 }, 0]);
  refuse(peer, first, { ...CONFLICT, details: { current: counter(3, 5) } });
  const second = await peer.next('sync');
  assert.deepEqual([second['data'], second['expectedRevision']], [{ n: 6 }, 3]);
  refuse(peer, second, NOT_FOUND); // deleted in between
  refuse(peer, await peer.next('sync'), NOT_FOUND);
  const third = await peer.next('sync');
  assert.deepEqual([third['data'], third['expectedRevision']], [{ n: 1 }, 0]);
  peer.result(third, { document: counter(6, 1) });
  assert.equal((await within(done, 'the update')).revision, 6);
});

test('update passes on what its function throws, and other errors', async (t) => {
  const { realtime, peer } = await connected(t);
  const broken = realtime.sync.update('session', 'a', () => {
    throw new RangeError('mine');
  });
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  await assert.rejects(within(broken, 'the error'), RangeError);
  const refused = realtime.sync.update('session', 'a', (data) => data);
  peer.result(await peer.next('sync'), { document: counter(7, 1) });
  refuse(peer, await peer.next('sync'), { status: 403, code: 'FORBIDDEN', message: 'no' });
  await assert.rejects(within(refused, 'the error'), FreshetError);
});
