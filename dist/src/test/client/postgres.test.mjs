// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Tables of a real PostgreSQL as collections, at every door; and the examples of the Pulse reference with a real
// Prisma Client on the same database and the unmodified @prisma/extension-pulse.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, unique, until, untilEqual } from './clients.mjs';
import { Documents } from './documents.mjs';
import { exactly, JavaPeer, Seen, WATCHERS, watchPulse, watchRecord, watchTypescript } from './every-client.mjs';
import { PASSWORD, postgresForThisFile } from './postgres.mjs';
import { prismaOver, Reading } from './pulse.mjs';
import { Server } from './server.mjs';
import { openStream, SyncSession } from './sync.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');

const postgres = await postgresForThisFile();
const sql = await postgres.client();
await sql.query(`
  CREATE TABLE "User" (id serial PRIMARY KEY, name text, email text NOT NULL UNIQUE);
  CREATE TABLE "Account" (id bigint PRIMARY KEY, owner text, balance numeric(10, 2), tags text[], notes text);
  ALTER TABLE "Account" REPLICA IDENTITY FULL;
  CREATE TABLE stock (place text, item text, count int, PRIMARY KEY (place, item));
  CREATE TABLE "Secret" (id int PRIMARY KEY);
  CREATE DOMAIN amount AS numeric(12, 2);
  CREATE TYPE mood AS ENUM ('sad', 'fine');
  CREATE TABLE typed (id bigint PRIMARY KEY, n int, f float8, a amount, many amount[], at timestamptz, day date, raw bytea,
    doc jsonb, ok boolean, mood mood, u uuid, until timestamp, nothing int8);`);
const source = {
  type: 'postgres', url: postgres.url, password: PASSWORD,
  tables: ['User', 'Account', { table: 'public.stock', collection: 'Stock' }, { table: 'public.typed', collection: 'Typed' }],
};
const server = new Server({ sources: [source] });
after(async () => {
  await server.dispose();
});
await server.start();
const users = new Documents(server, 'User');
const accounts = new Documents(server, 'Account');
const prisma = prismaOver(postgres.fullUrl, `ws://127.0.0.1:${server.port}`);
after(() => prisma.$disconnect());

// The source has connected when a row can be read.
await sql.query(`INSERT INTO "User" (id, name, email) VALUES (0, 'nobody', 'nobody@prisma.io')`);
await until(async () => (await users.get('0')).status === 200, 'the source');

const email = () => `${unique('jane')}@prisma.io`;

test('every client sees what a Prisma Client writes', async (t) => {
  const seen = new Seen();
  const java = await JavaPeer.start(t, server, 'User', seen);
  await watchTypescript(t, server, 'User', seen);
  await watchPulse(t, prisma.user, seen);
  const made = await prisma.user.create({ data: { email: email(), name: 'Zoë 東京 🚀' } });
  const id = String(made.id);
  // A record shows what becomes of the row from its opening on.
  const changes = (watcher) => seen.of(watcher, id).slice(WATCHERS[watcher].event ? 1 : 0);
  await until(() => Object.keys(WATCHERS).every((each) => !WATCHERS[each].event || seen.of(each, id).length === 1));
  await watchRecord(t, { server, java, collection: 'User', id, seen });
  const rows = [];
  const all = (count) => until(() => Object.keys(WATCHERS).every((each) => changes(each).length === count), `change ${count}`);
  for (const data of [{ name: '"quoted" \\ \n' }, { name: null, email: email() }]) {
    rows.push(await prisma.user.update({ where: { id: made.id }, data }));
    await all(rows.length);
  }
  await prisma.user.delete({ where: { id: made.id } });
  await all(rows.length + 1);
  const first = seen.of('Java stream', id);
  for (const [name, { versioned, event }] of Object.entries(WATCHERS)) {
    await t.test(`Prisma Client → ${name}`, () => {
      const expected = [...rows, undefined].map((row, i) => ({
        ...(versioned && (row || event) && { revision: first[i + 1].revision }),
        ...(event && { event: first[i + 1].event }),
        ...(row ? { data: { ...row, id } } : { deleted: true }),
      }));
      const observed = changes(name).map(({ text, data = text && exactly(text), ...rest }) => ({ ...rest, ...(data && { data: { ...data, id: idOf(data) } }) }));
      assert.deepEqual(observed, expected);
    });
  }
});

/// However numbers are read.
const idOf = ({ id }) => String(Number(id));

test('the examples of the reference: create, update and delete without REPLICA IDENTITY FULL', async (t) => {
  const reading = new Reading(t, await prisma.user.stream());
  const address = email();
  const { id } = await prisma.user.create({ data: { email: address, name: 'Jane Doe' } });
  await prisma.user.update({ where: { id }, data: { email: `doe-${address}` } });
  await prisma.user.delete({ where: { id } });
  await until(() => reading.events.length === 3, 'three events');
  const [created, updated, deleted] = reading.events.map(({ id: _, modelName: __, ...event }) => event);
  assert.deepEqual(created, { action: 'create', created: { id, email: address, name: 'Jane Doe' } });
  assert.deepEqual(updated, {
    action: 'update', after: { id, email: `doe-${address}`, name: 'Jane Doe' }, before: null,
  });
  assert.deepEqual(deleted, { action: 'delete', deleted: { id } });
  for (const event of reading.events) assert.match(event.id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test('the examples of the reference: with REPLICA IDENTITY FULL', async (t) => {
  await sql.query('ALTER TABLE "User" REPLICA IDENTITY FULL');
  t.after(() => sql.query('ALTER TABLE "User" REPLICA IDENTITY DEFAULT'));
  const reading = new Reading(t, await prisma.user.stream());
  const address = email();
  const { id } = await prisma.user.create({ data: { email: address } });
  await prisma.user.update({ where: { id }, data: { name: 'Jane Doe' } });
  await prisma.user.delete({ where: { id } });
  await until(() => reading.events.length === 3, 'three events');
  const [, updated, deleted] = reading.events;
  assert.deepEqual(updated.before, { id, email: address, name: null });
  assert.deepEqual(updated.after, { id, email: address, name: 'Jane Doe' });
  assert.deepEqual(deleted.deleted, { id, email: address, name: 'Jane Doe' });
});

test('the examples of the reference: filters, and a name that is gone on with', async (t) => {
  const name = unique('all-user-events');
  const named = await prisma.user.stream({ name });
  named.stop();
  const created = new Reading(t, await prisma.user.stream({ create: { name: { not: null } } }));
  const updated = new Reading(
    t, await prisma.user.subscribe({ update: { after: { email: { endsWith: '@prisma.io' } } } }));
  const rows = [];
  for (const [mail, who] of [[email(), null], [email(), 'Jane'], [`${unique('x')}@example.com`, 'John']]) {
    rows.push(await prisma.user.create({ data: { email: mail, name: who } }));
  }
  for (const { id } of rows) await prisma.user.update({ where: { id }, data: { name: 'changed' } });
  await untilEqual(() => created.events.map((event) => event.created.id), [rows[1].id, rows[2].id]);
  await untilEqual(() => updated.events.map((event) => event.after.id), [rows[0].id, rows[1].id]);
  const again = new Reading(t, await prisma.user.stream({ name }));
  await until(() => again.events.length === 6, 'what was missed');
});

test('a stream of /ws that asks for types has those of the columns', async (t) => {
  const { next } = await openStream(t, server, {
    collection: 'Typed', typed: true, create: { id: { $type: 'BigInt', value: '9007199254740993' } },
  });
  await sql.query(`INSERT INTO typed (id) VALUES (1)`);
  await sql.query(`INSERT INTO typed VALUES (9007199254740993, 7, 1.5, 12.5, '{1.25,NULL}', '2026-01-02 03:04:05.678901+00', '2026-01-02',
    '\\x0001', '{"a": [1]}', true, 'fine', '6d1c4c3e-4a44-4b4c-9d5e-000000000001', 'infinity', NULL)`);
  const { created } = await next();
  const tag = ($type, value) => ({ $type, value });
  assert.deepEqual(created, {
    id: tag('BigInt', '9007199254740993'), n: 7, f: 1.5, a: tag('Decimal', '12.5'), many: [tag('Decimal', '1.25'), null],
    at: tag('DateTime', '2026-01-02T03:04:05.678901Z'), day: tag('DateTime', '2026-01-02T00:00:00Z'), raw: tag('Bytes', 'AAE='),
    doc: tag('Json', '{"a":[1]}'), ok: true, mood: 'fine', u: '6d1c4c3e-4a44-4b4c-9d5e-000000000001', until: 'infinity', nothing: null,
  });
});

test('a filter of deletes that cannot work is refused with the SQL that helps', async () => {
  await assert.rejects(
    prisma.user.stream({ delete: { email: { contains: 'hello' } } }),
    (error) => error.message.includes('ALTER TABLE "public"."User" REPLICA IDENTITY FULL;'));
});

test('a stream of a table that is not captured is refused with what helps', async (t) => {
  const session = await SyncSession.open(t, server);
  session.say({ type: 'stream', ref: 'a', collection: 'Secret' });
  const refused = await session.expect({ type: 'error', ref: 'a' });
  assert.equal(refused.code, 'UNKNOWN_COLLECTION');
  assert.match(refused.message, /Secret.*tables/s);
});

test('rows are documents: read, listed, watched, with revisions that go on', async (t) => {
  await sql.query(`INSERT INTO "Account" VALUES (1, 'Ada', 12.50, '{a,b}', NULL), (2, 'Bob', NULL, NULL, 'x')`);
  await until(async () => (await accounts.get('1')).status === 200, 'the row');
  const { body } = await accounts.get('1');
  assert.deepEqual(body.data, { id: 1, owner: 'Ada', balance: 12.5, tags: ['a', 'b'], notes: null });
  const session = await SyncSession.open(t, server);
  session.say({ type: 'subscribe', requestId: 's', service: 'Account', topic: 'changed', snapshot: true });
  await sql.query(`UPDATE "Account" SET owner = 'Ada L.' WHERE id = 1`);
  await until(async () => (await accounts.get('1')).body.revision === body.revision + 1, 'the next revision');
  const list = await accounts.send('GET', undefined, '');
  assert.deepEqual(list.body.documents.map((each) => each.id).sort(), ['1', '2']);
});

test('tables are read-only here, at each door, and the answer says why', async (t) => {
  for (const answer of [await users.create({ email: 'a' }, '77'), await users.delete('0'), await users.merge('0', { a: 1 })]) {
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 'READ_ONLY');
  }
  const client = await connect(t, server);
  const refused = new Promise((resolve) => client.record.setData('User/0', 'name', 'Eve', resolve));
  assert.ok(await refused);
  assert.equal((await sql.query('SELECT name FROM "User" WHERE id = 0')).rows[0].name, 'nobody');
});

test('a deepstream record of a row is live', async (t) => {
  const address = email();
  const { id } = await prisma.user.create({ data: { email: address, name: 'Jane' } });
  const client = await connect(t, server);
  const record = client.record.getRecord(`User/${id}`);
  await record.whenReady();
  assert.equal(record.get('name'), 'Jane');
  await prisma.user.update({ where: { id }, data: { name: 'Jane Doe' } });
  await untilEqual(() => record.get('name'), 'Jane Doe');
});

test('a snapshot brings every row, then what changes, and is not begun again', async (t) => {
  await sql.query(`INSERT INTO stock SELECT 'p' || (n % 7), 'item,' || n, n FROM generate_series(1, 2500) n`);
  // The last row was told of, and so were those before it.
  await until(async () => (await new Documents(server, 'Stock').get('p1,item%2C2500')).status === 200, 'the rows');
  const name = unique('stock');
  const first = await openStream(t, server, { collection: 'Stock', name, snapshot: true, window: 5000 });
  const seen = new Map();
  while (seen.size < 2500) {
    const event = await first.next();
    assert.equal(event.action, 'create');
    assert.equal(event.snapshot, true);
    assert.ok(!seen.has(event.documentId), `twice: ${event.documentId}`);
    seen.set(event.documentId, event.created.count);
    first.acknowledge(event.id);
  }
  assert.equal(seen.get('p1,item%2C1'), 1);
  const isDone = (frame) => frame.type === 'streamState' && frame.snapshot?.done;
  await until(() => first.session.frames.some(isDone), 'the end of the snapshot');
  await sql.query(`UPDATE stock SET count = -1 WHERE item = 'item,1'`);
  const update = await first.next();
  assert.deepEqual([update.action, update.after.count, update.snapshot], ['update', -1, undefined]);
});

test('TRUNCATE: no stream is told, and no row is left', async (t) => {
  await sql.query('CREATE TABLE IF NOT EXISTS nothing (id int PRIMARY KEY)');
  await sql.query(`INSERT INTO "Account" VALUES (10, 'gone', 1, '{}', '')`);
  await until(async () => (await accounts.get('10')).status === 200, 'the row');
  const watching = await openStream(t, server, { collection: 'Account' });
  await sql.query('TRUNCATE "Account"');
  await sql.query(`INSERT INTO "Account" VALUES (11, 'new', 1, '{}', '')`);
  const event = await watching.next();
  assert.deepEqual([event.action, event.created.id], ['create', 11]);
  assert.equal((await accounts.get('10')).status, 404);
});

test('what happens while the server is away, or has crashed, comes once and in order', async (t) => {
  const name = unique('ordered');
  const before = await openStream(t, server, { collection: 'Account', name });
  await server.crash();
  for (let id = 100; id < 120; id++) await sql.query(`INSERT INTO "Account" (id, owner) VALUES (${id}, 'x')`);
  await server.start();
  for (let id = 120; id < 140; id++) await sql.query(`INSERT INTO "Account" (id, owner) VALUES (${id}, 'x')`);
  const again = await openStream(t, server, { collection: 'Account', name });
  const ids = [];
  while (ids.length < 40) ids.push((await again.next()).created.id);
  assert.deepEqual(ids, Array.from({ length: 40 }, (_, n) => 100 + n));
  assert.ok(before);
});

test('a restart of the database: streams stay open and go on', async (t) => {
  const watching = await openStream(t, server, { collection: 'Account' });
  await sql.end(); // it would wait for the old server
  await postgres.stop();
  await postgres.start();
  const again = await postgres.client(t);
  await again.query(`INSERT INTO "Account" (id, owner) VALUES (500, 'after')`);
  assert.equal((await watching.next()).created.id, 500);
});

test('`freshet postgres doctor` finds nothing in the way', () => {
  const said = execFileSync(command, ['postgres', 'doctor', '--config', server.configFile], { encoding: 'utf8' });
  assert.match(said, /nothing is in the way/);
});

// A stream that was refused leaves a timer of the package behind, which would keep this process for ever.
after(() => setTimeout(() => process.exit(), 2000).unref());
