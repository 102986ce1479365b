// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Documents: every operation against a real server, errors, and many writers at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal, FreshetError } from '@freshet/client';
import type { SyncEvent } from '@freshet/client';
import { rejection, until, within } from '../waiting.js';
import { connect, serverForThisFile, unique } from './server.js';

const server = await serverForThisFile();

interface Counter {
  n: number;
}

test('a document has its place, its times and who wrote it', async (t) => {
  const { sync } = await connect(t, server);
  const expiresAt = Date.now() + 3_600_000;
  const id = unique();
  const created = await sync.create('session', { n: 1 }, { id, expiresAt });
  assert.equal(created.createdAt, created.updatedAt);
  assert.equal(created.expiresAt, expiresAt);
  const merged = await sync.merge('session', id, { n: 2 });
  assert.equal(merged.createdAt, created.createdAt);
  assert.ok(merged.updatedAt >= created.updatedAt);
  assert.deepEqual(await sync.get('session', id), merged);
});

test('a second document of an id is a conflict', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', {});
  const { status, code, message } = await rejection(sync.create('session', {}, id));
  assert.deepEqual([status, code], [409, 'ALREADY_EXISTS']);
  assert.match(message, /^conflict/);
});

test('a conflict tells the revisions, and the document if asked', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 1 });
  await sync.merge('session', id, { n: 2 });
  const stale = { expectedRevision: 1, returnCurrent: true };
  const { code, details } = await rejection(sync.replace('session', id, { n: 3 }, stale));
  assert.equal(code, 'REVISION_CONFLICT');
  const { current, ...rest } = details as { current?: { data: object; revision: number } };
  const expected = { service: 'session', id, expectedRevision: 1, currentRevision: 2 };
  assert.deepEqual(rest, expected);
  assert.deepEqual([current?.revision, current?.data], [2, { n: 2 }]);
});

test('merge: null removes, or is kept if asked to', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { a: { b: 1, c: 2 }, t: [1, 2] });
  const removed = await sync.merge('session', id, { a: { b: null }, t: [9] });
  assert.deepEqual(removed.data, { a: { c: 2 }, t: [9] });
  const kept = await sync.merge('session', id, { a: { c: null } }, { nulls: 'set' });
  assert.deepEqual(kept.data, { a: { c: null }, t: [9] });
});

test('mutate: a map of operators, or an ordered list', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 1, list: ['a'], user: { name: 'x' } });
  const byMap = await sync.mutate('session', id, {
    n: { $inc: 0.2 },
    list: { $push: 'b' },
    'user.name': 'y',
    '/user/a.b': { $setIfAbsent: true },
  });
  const user = { name: 'y', 'a.b': true };
  assert.deepEqual(byMap.data, { n: 1.2, list: ['a', 'b'], user });
  const byList = await sync.mutate('session', id, [
    { op: 'increment', path: '/n', value: -1.2 },
    { op: 'unset', path: 'user' },
    { op: 'set', path: 'user.name', value: 'z' },
  ]);
  assert.deepEqual(byList.data, { n: 0, list: ['a', 'b'], user: { name: 'z' } });
  const refused = await rejection(sync.mutate('session', id, { 'user.name': { $inc: 1 } }));
  assert.deepEqual([refused.status, refused.code], [422, 'TYPE_MISMATCH']);
});

test('patch: RFC 6902 and RFC 7396', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { a: [1, 2], b: 1 });
  const patched = await sync.patch('session', id, [
    { op: 'test', path: '/b', value: 1 },
    { op: 'add', path: '/a/1', value: 'x' },
    { op: 'move', from: '/b', path: '/c' },
  ]);
  assert.deepEqual(patched.data, { a: [1, 'x', 2], c: 1 });
  const failed = await rejection(sync.patch('session', id, [{ op: 'test', path: '/c', value: 2 }]));
  assert.deepEqual([failed.status, failed.code], [409, 'TEST_FAILED']);
  assert.deepEqual((await sync.patch('session', id, { c: null })).data, { a: [1, 'x', 2] });
});

test('delete, restore, and the next life', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 1 });
  assert.equal((await rejection(sync.delete('session', id, 9))).code, 'REVISION_CONFLICT');
  await sync.delete('session', id, 1);
  await sync.delete('session', id);
  const { code, details } = await rejection(sync.get('session', id));
  assert.deepEqual([code, details['deleted'], details['revision']], ['NOT_FOUND', true, 2]);
  const hidden = await sync.get('session', id, { includeDeleted: true });
  assert.deepEqual([hidden.deleted, hidden.data], [true, { n: 1 }]);
  const restored = await sync.restore('session', id);
  assert.deepEqual([restored.revision, restored.data], [3, { n: 1 }]);
  await sync.delete('session', id);
  const revived = await sync.create('session', { n: 2 }, id);
  assert.equal(revived.revision, 5);
});

test('expectedRevision 0 writes what is not there', async (t) => {
  const { sync } = await connect(t, server);
  const id = unique();
  assert.equal((await rejection(sync.replace('session', id, {}))).code, 'NOT_FOUND');
  assert.equal((await sync.replace('session', id, { n: 1 }, 0)).revision, 1);
  assert.equal((await rejection(sync.replace('session', id, {}, 0))).status, 409);
});

test('touch: a document that expires reads as deleted', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 1 });
  const soon = await sync.touch('session', id, { expiresAt: Date.now() + 3_600_000 });
  assert.deepEqual([soon.revision, soon.data], [2, { n: 1 }]);
  const never = await sync.touch('session', id, { expiresAt: null, expectedRevision: 2 });
  assert.equal(never.expiresAt, undefined);
  await sync.touch('session', id, { expiresAt: Date.now() + 5 });
  const isGone = () =>
    sync.get('session', id).then(
      () => false,
      (e: FreshetError) => e.status === 404,
    );
  await until(isGone, 'the end');
});

test('list: pages, in order, without the deleted unless asked for', async (t) => {
  const { sync } = await connect(t, server);
  const service = unique();
  for (const id of ['c', 'a', 'd', 'b', 'e']) await sync.create(service, { id }, id);
  await sync.delete(service, 'd');
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await sync.list<{ id: string }>(service, { limit: 2, after });
    ids.push(...page.documents.map(({ data }) => data.id));
    after = page.next;
  } while (after !== undefined);
  assert.deepEqual(ids, ['a', 'b', 'c', 'e']);
  const all = await sync.list(service, { includeDeleted: true });
  assert.deepEqual(
    all.documents.map(({ id, deleted }) => (deleted ? `${id} deleted` : id)),
    ['a', 'b', 'c', 'd deleted', 'e'],
  );
});

test('history: what was done, page by page', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 1 });
  await sync.merge('session', id, { n: 2 });
  await sync.delete('session', id);
  const first = await sync.history('session', id, { limit: 2 });
  assert.deepEqual(
    first.changes.map(({ operation, revision, data }) => [operation, revision, data]),
    [
      ['create', 1, { n: 1 }],
      ['merge', 2, { n: 2 }],
    ],
  );
  assert.deepEqual(first.changes[1]?.diff?.changed, { n: { from: 1, to: 2 } });
  const rest = await sync.history('session', id, { sinceRevision: first.next });
  assert.deepEqual(
    rest.changes.map(({ operation, revision, deleted }) => [operation, revision, deleted]),
    [['delete', 3, true]],
  );
  assert.equal(rest.next, undefined);
});

test('batch: all or nothing', async (t) => {
  const { sync } = await connect(t, server);
  const service = unique();
  await sync.create(service, { n: 1 }, 'a');
  const documents = await sync.batch([
    { op: 'merge', service, id: 'a', data: { n: 2 }, expectedRevision: 1 },
    { op: 'create', service, id: 'b', data: { n: 1 } },
    { op: 'create', service, data: { n: 1 } },
  ]);
  assert.deepEqual(
    documents.map(({ revision }) => revision),
    [2, 1, 1],
  );
  const failed = await rejection(
    sync.batch([
      { op: 'merge', service, id: 'a', data: { n: 3 } },
      { op: 'mutate', service, id: 'b', mutations: { n: { $inc: 1 } }, expectedRevision: 7 },
    ]),
  );
  assert.deepEqual([failed.status, failed.code], [409, 'REVISION_CONFLICT']);
  assert.match(failed.message, /conflict/);
  assert.equal((await sync.get(service, 'a')).revision, 2, 'nothing of it was done');
});

test('a write that is sent again with its id is done once', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { n: 0 });
  const requestId = unique();
  const first = await sync.mutate('session', id, { n: { $inc: 1 } }, { requestId });
  const again = await sync.mutate('session', id, { n: { $inc: 1 } }, { requestId });
  assert.deepEqual(again, first);
  assert.deepEqual((await sync.get('session', id)).data, { n: 1 });
  const created = await sync.create('session', {}, { requestId: `${requestId}-c` });
  const same = await sync.create('session', {}, { requestId: `${requestId}-c` });
  assert.equal(same.id, created.id);
});

test('names with everything that is allowed', async (t) => {
  const { sync } = await connect(t, server);
  for (const id of ['a/b', 'ü 😀', '%2F', '"\\', 'x'.repeat(512)]) {
    await sync.create('Sitzung', { id }, id).catch((error: FreshetError) => {
      assert.equal(error.code, 'ALREADY_EXISTS'); // a second run of this file has its own server
    });
    assert.equal((await sync.get('Sitzung', id)).id, id);
  }
  assert.equal((await rejection(sync.create('a.b', {}))).status, 400);
});

test('wrong input is refused with its code', async (t) => {
  const { sync } = await connect(t, server);
  const { id } = await sync.create('session', { a: 1 });
  const refused: [unknown, string, number][] = [
    [sync.mutate('session', id, { a: { $nope: 1 } }), 'UNKNOWN_OPERATOR', 400],
    [sync.mutate('session', id, { 'a..b': 1 }), 'INVALID_PATH', 400],
    [sync.mutate('session', id, { a: 1, 'a.b': 1 }), 'PATH_CONFLICT', 400],
    [sync.merge('session', id, { a: 1 }, -1), 'INVALID_ARGUMENT', 400],
    [sync.merge('session', id, { a: 1 }, 1.5), 'INVALID_ARGUMENT', 400],
    [
      sync.merge('session', id, JSON.parse('{"__proto__":{"a":1}}') as object),
      'FORBIDDEN_KEY',
      400,
    ],
  ];
  for (const [call, code, status] of refused) {
    const error = await rejection(call as Promise<unknown>);
    assert.deepEqual([error.code, error.status], [code, status]);
    assert.doesNotMatch(error.message, /conflict/);
  }
  const { data } = await sync.merge('session', id, { constructor: 1, prototype: { toString: 2 } });
  assert.deepEqual(data, { a: 1, constructor: 1, prototype: { toString: 2 } });
});

test('a message larger than the server takes fails alone', async (t) => {
  const { sync } = await connect(t, server);
  const small = sync.create('session', { n: 1 });
  const large = rejection(sync.create('session', { text: 'x'.repeat(3_000_000) }));
  assert.equal((await large).status, 413);
  assert.equal((await within(small, 'the small one')).revision, 1);
});

test('exact numbers, to the server and back', async (t) => {
  const exact = (await connect(t, server, { numbers: 'exact' })).sync;
  const data = {
    big: 9007199254740993n,
    huge: 10n ** 300n,
    decimal: new Decimal('0.1000000000000000000000000000000001'),
    plain: 1.5,
  };
  const { id } = await exact.create('session', data);
  const read = await exact.get<typeof data>('session', id);
  assert.deepEqual(read.data, data);
  const { data: added } = await exact.mutate<typeof data>('session', id, { big: { $inc: 2n } });
  assert.equal(added.big, 9007199254740995n);
  const double = await (await connect(t, server)).sync.get('session', id);
  assert.equal(double.data['plain'], 1.5);
});

test('update: many programs count on one document, and none is lost', async (t) => {
  const [first, ...others] = await Promise.all(
    Array.from({ length: 10 }, () => connect(t, server)),
  );
  assert.ok(first);
  const id = unique();
  const add = ({ n }: Counter) => ({ n: n + 1 });
  const options = { attempts: 1_000, initial: () => ({ n: 0 }) };
  await Promise.all(
    [first, ...others].flatMap(({ sync }) =>
      Array.from({ length: 5 }, () => sync.update<Counter>('counter', id, add, options)),
    ),
  );
  const { data, revision } = await first.sync.get<Counter>('counter', id);
  assert.deepEqual([data, revision], [{ n: 50 }, 50]);
});

test('200 writers x 50 increments of one document: 10 000, in order, without a gap', async (t) => {
  const reader = await connect(t, server);
  const service = unique();
  const { id } = await reader.sync.create(service, { n: 0 });
  const revisions: number[] = [];
  const values: unknown[] = [];
  const subscription = reader.subscribe({ topic: `sync.${service}.updated`, id });
  reader.on(`event:${subscription}`, ({ metadata, payload }: SyncEvent<Counter>) => {
    revisions.push(metadata.revision);
    values.push(payload.data?.n);
  });
  await within(reader.ready(subscription), 'the acknowledgement');
  const writers = await Promise.all(Array.from({ length: 200 }, () => connect(t, server)));
  await Promise.all(
    writers.map(async ({ sync }) => {
      for (let i = 0; i < 50; i++) await sync.mutate(service, id, { n: { $inc: 1 } });
    }),
  );
  const { data, revision } = await reader.sync.get<Counter>(service, id);
  assert.deepEqual([data, revision], [{ n: 10_000 }, 10_001]);
  await until(() => revisions.length >= 10_000, 'all events');
  assert.deepEqual(
    revisions,
    Array.from({ length: 10_000 }, (_, i) => i + 2),
  );
  assert.deepEqual(
    values,
    Array.from({ length: 10_000 }, (_, i) => i + 1),
  );
});

test('50 writers that read and replace: one winner per revision', async (t) => {
  const service = unique();
  const writers = await Promise.all(Array.from({ length: 50 }, () => connect(t, server)));
  const { id } = await writers[0]!.sync.create<{ by: number[] }>(service, { by: [] });
  const won: number[] = [];
  await Promise.all(
    writers.map(async ({ sync }, writer) => {
      for (;;) {
        const { data, revision } = await sync.get<{ by: number[] }>(service, id);
        const next = { by: [...data.by, writer] };
        try {
          won.push((await sync.replace(service, id, next, revision)).revision);
          return;
        } catch (error) {
          assert.equal((error as FreshetError).code, 'REVISION_CONFLICT');
        }
      }
    }),
  );
  const { data, revision } = await writers[0]!.sync.get<{ by: number[] }>(service, id);
  assert.equal(revision, 51);
  assert.deepEqual(
    won.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i + 2),
  );
  assert.deepEqual(
    data.by.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
});
