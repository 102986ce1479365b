// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What happens to a database while it is followed, as those see it who stand at the doors: other columns, other
// tables, partitions, a slot that is gone, a wrong password, a broken wire.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test, { after } from 'node:test';
import { unique, until, untilEqual, within } from './clients.mjs';
import { Documents } from './documents.mjs';
import { send } from './http.mjs';
import { PASSWORD, postgresForThisFile, Wire } from './postgres.mjs';
import { prismaOver, Reading } from './pulse.mjs';
import { Server } from './server.mjs';
import { openStream } from './sync.mjs';

const postgres = await postgresForThisFile();
const sql = await postgres.client();
after(() => sql.end());
await sql.query(`
  CREATE TABLE "User" (id serial PRIMARY KEY, name text, email text NOT NULL UNIQUE);
  CREATE TABLE people (id int PRIMARY KEY, name text, age int);
  CREATE TABLE event (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');`);
const wire = await Wire.to(postgres);
after(() => wire.close());
const sourceAt = (port, more) => ({
  type: 'postgres', url: postgres.url.replace(String(postgres.port), String(port)), password: PASSWORD, ...more,
});
const server = new Server({ sources: [sourceAt(wire.port, { tables: ['User', 'people', 'event'], maxRow: '64KiB' })] });
after(() => server.dispose());
await server.start();
const people = new Documents(server, 'people');
const events = new Documents(server, 'event');
const prisma = prismaOver(postgres.fullUrl, `ws://127.0.0.1:${server.port}`);
after(() => prisma.$disconnect());

async function metric(of, name) {
  const { text } = await send(of, 'GET', '/metrics');
  return Number(new RegExp(`^${name}\\{source="main"\\} (\\S+)$`, 'm').exec(text)?.[1]);
}

const connected = (of) => until(async () => (await metric(of, 'freshet_source_connected')) === 1, 'the source');
await connected(server);

/// What a pattern finds in a body that goes on.
async function upTo(pattern, body) {
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString();
    const found = pattern.exec(text);
    if (found) return found[1];
  }
  return text;
}

test('columns that are added, dropped and renamed', async (t) => {
  const watching = await openStream(t, server, { collection: 'people' });
  await sql.query(`INSERT INTO people VALUES (1, 'Ada', 36)`);
  assert.deepEqual((await watching.next()).created, { id: 1, name: 'Ada', age: 36 });
  await sql.query(`ALTER TABLE people ADD COLUMN city text DEFAULT 'London'; UPDATE people SET age = 37 WHERE id = 1`);
  assert.deepEqual((await watching.next()).after, { id: 1, name: 'Ada', age: 37, city: 'London' });
  await sql.query(`ALTER TABLE people DROP COLUMN age; ALTER TABLE people RENAME COLUMN name TO full_name;
    INSERT INTO people VALUES (2, 'Bob', 'Rome'); UPDATE people SET full_name = 'Ada L.' WHERE id = 1`);
  assert.deepEqual((await watching.next()).created, { id: 2, full_name: 'Bob', city: 'Rome' });
  assert.deepEqual((await watching.next()).after, { id: 1, full_name: 'Ada L.', city: 'London' });
  assert.deepEqual((await people.get('1')).body.data, { id: 1, full_name: 'Ada L.', city: 'London' });
  await sql.query(`ALTER TABLE people ALTER COLUMN city DROP DEFAULT;
    ALTER TABLE people ALTER COLUMN city TYPE text[] USING ARRAY[city];
    UPDATE people SET full_name = 'Ada' WHERE id = 1`);
  assert.deepEqual((await watching.next()).after, { id: 1, full_name: 'Ada', city: ['London'] });
});

test('a table that is renamed away and back, and one that is dropped and made anew', async (t) => {
  const watching = await openStream(t, server, { collection: 'people' });
  await sql.query(`ALTER TABLE people RENAME TO folk; INSERT INTO folk VALUES (10, 'unseen', NULL);
    ALTER TABLE folk RENAME TO people; INSERT INTO people VALUES (11, 'seen', NULL)`);
  const back = await watching.next();
  assert.equal(back.documentId, '11');
  await sql.query(`DROP TABLE people; CREATE TABLE people (id text PRIMARY KEY, note text);
    ALTER PUBLICATION freshet ADD TABLE people; INSERT INTO people VALUES ('x', 'new')`);
  assert.deepEqual((await watching.next()).created, { id: 'x', note: 'new' });
  assert.deepEqual((await people.get('x')).body.data, { id: 'x', note: 'new' });
  assert.ok(watching.undisturbed());
});

test('partitions are their root, also those that come later', async (t) => {
  const watching = await openStream(t, server, { collection: 'event' });
  await sql.query(`INSERT INTO event VALUES (1, '2026-01-10'), (2, '2026-02-10')`);
  assert.deepEqual((await watching.next()).created, { id: 1, day: '2026-01-10' });
  assert.deepEqual((await watching.next()).created, { id: 2, day: '2026-02-10' });
  await sql.query(`CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
    INSERT INTO event VALUES (3, '2026-03-10'); UPDATE event SET day = '2026-03-11' WHERE id = 1`);
  assert.equal((await watching.next()).documentId, '3,2026-03-10');
  // PostgreSQL itself moves a row between partitions by deleting and inserting it.
  const moved = [await watching.next(), await watching.next()];
  assert.deepEqual(moved.map(({ action, documentId }) => [action, documentId]), [
    ['delete', '1,2026-01-10'], ['create', '1,2026-03-11'],
  ]);
  const { body } = await events.send('GET', undefined, '');
  assert.deepEqual(body.documents.map(({ id }) => id).sort(), ['1,2026-03-11', '2,2026-02-10', '3,2026-03-10']);
});

test('a broken wire: streams stay, rows that are held can be read, and everything comes once', async (t) => {
  await sql.query(`INSERT INTO people VALUES ('held', ''), ('not-held', '')`);
  await until(async () => (await people.get('held')).status === 200, 'the row');
  const watching = await openStream(t, server, { collection: 'people' });
  const pulse = new Reading(t, await prisma.user.stream());
  wire.down(true);
  await until(async () => (await metric(server, 'freshet_source_connected')) === 0, 'the cut to be noticed');
  await sql.query(`INSERT INTO people SELECT 'w' || n, '' FROM generate_series(1, 200) n;
    INSERT INTO "User" (email) VALUES ('wire@prisma.io')`);
  assert.equal((await people.get('held')).status, 200);
  wire.down(false);
  for (let n = 1; n <= 200; n++) assert.equal((await watching.next()).documentId, `w${n}`);
  await until(() => pulse.events.length === 1, 'the event of the other door');
  assert.ok(watching.undisturbed());
  assert.ok((await metric(server, 'freshet_source_reconnects_total')) > 0);
  assert.equal(await metric(server, 'freshet_source_gaps_total'), 0);
});

test('a slot that is dropped: every stream is told, nothing is passed over', async (t) => {
  const name = unique('kept');
  const named = await openStream(t, server, { collection: 'people', name });
  const other = await openStream(t, server, { collection: 'event' });
  const pulse = new Reading(t, await prisma.user.stream({ name: unique('pulse') }));
  const ended = assert.rejects(pulse.ended);
  const sse = await fetch(`http://127.0.0.1:${server.port}/api/streams/people`);
  const problem = upTo(/event: problem\n(.*)\n/, sse.body);
  await until(async () => {
    await sql.query(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active`);
    return sql.query(`SELECT pg_drop_replication_slot('freshet')`).catch(() => false);
  }, 'the slot to be dropped');
  await sql.query(`INSERT INTO people VALUES ('missed', '')`);
  for (const each of [named, other]) {
    const error = await each.expect({ type: 'error', code: 'SOURCE_GAP' });
    assert.match(error.message, /replication slot freshet is gone/);
    await each.expect({ type: 'stopped' });
  }
  assert.match(await within(problem, 'the problem'), /SOURCE_GAP/);
  await within(ended, 'the end of the other door');
  assert.equal(await metric(server, 'freshet_source_gaps_total'), 1);
  await connected(server);
  named.session.say({ type: 'stream', ref: 'again', collection: 'people', name });
  await named.expect({ type: 'error', code: 'SOURCE_GAP' });
  // What was missed is found by reading, and from here on it goes on.
  await until(async () => (await people.get('missed')).status === 200, 'the row that was missed');
  const fresh = await openStream(t, server, { collection: 'people' });
  await sql.query(`INSERT INTO people VALUES ('told', '')`);
  assert.equal((await fresh.next()).documentId, 'told');
});

test('a wrong password that is set right later', async (t) => {
  await sql.query(`CREATE ROLE late LOGIN REPLICATION SUPERUSER PASSWORD 'not this one'`);
  const url = postgres.url.replace('postgres@', 'late@');
  const late = new Server({
    sources: [{ type: 'postgres', url, password: 'right', tables: ['people'], slot: 'late', publication: 'late' }],
  });
  t.after(() => late.dispose());
  await late.start();
  const documents = new Documents(late, 'people');
  const refused = await documents.get('x');
  assert.equal(refused.status, 503);
  assert.equal(await metric(late, 'freshet_source_connected'), 0);
  await sql.query(`ALTER ROLE late PASSWORD 'right'`);
  await connected(late);
  await untilEqual(async () => (await documents.get('x')).body?.data, { id: 'x', note: 'new' });
});

test('a row that is too large is refused to its reader, and its change is not passed over', async (t) => {
  const watching = await openStream(t, server, { collection: 'people' });
  await sql.query(`INSERT INTO people VALUES ('before', ''), ('large', repeat('x', 100000)), ('behind', '')`);
  assert.equal((await watching.next()).documentId, 'before');
  await until(async () => (await metric(server, 'freshet_source_connected')) === 0, 'the source to stop');
  assert.ok(watching.undisturbed());
  await server.stop();
  writeFileSync(server.configFile, JSON.stringify({
    sources: [sourceAt(wire.port, { tables: ['User', 'people', 'event'], maxRow: '1MiB' })],
  }));
  await server.start();
  await until(async () => (await people.get('behind')).status === 200, 'what is behind it');
  assert.equal((await people.get('large')).body.data.note.length, 100_000);
});

// A stream that was refused leaves a timer of the package behind, which would keep this process for ever.
after(() => setTimeout(() => process.exit(), 2000).unref());
