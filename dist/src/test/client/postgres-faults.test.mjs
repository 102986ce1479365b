// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Tables are written at random while Freshet, the database, the wire between them and the consumer are killed at
// random: what the consumer has processed, each event counted once, is what a trigger in the database has noted, in
// the order of the commits; and the documents are the rows.
import assert from 'node:assert/strict';
import test from 'node:test';
import WebSocket from 'ws';
import { random, seeds } from './dice.mjs';
import { Documents } from './documents.mjs';
import { PASSWORD, Postgres, Wire } from './postgres.mjs';
import { Server } from './server.mjs';

const FULL = Number(process.env.FRESHET_ROUNDS ?? 1) > 1;
const CHANGES = FULL ? 20_000 : 1_500;
const FAULTS = FULL
  ? { freshet: 5, postgres: 4, wire: 12, consumer: 8 }
  : { freshet: 1, postgres: 1, wire: 3, consumer: 2 };
const WRITERS = 2;
const WINDOW = 128;
const ROUND_MS = 600_000;
const IDS = 300;
const TABLES = ['plain', 'whole']; // by their replica identity: DEFAULT and FULL
const LAST = 1_000_000;

const columns = 'id int PRIMARY KEY, name text, amount numeric, tags text[], doc jsonb, large text';
const SCHEMA = `
  CREATE TABLE audit (n bigserial PRIMARY KEY, collection text, op text, old jsonb, new jsonb);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO audit (collection, op, old, new) VALUES (TG_TABLE_NAME, TG_OP,
      CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
  END $$;
  ${TABLES.map((table) => `
    CREATE TABLE ${table} (${columns});
    ALTER TABLE ${table} ALTER large SET STORAGE EXTERNAL;
    CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION note();`).join('')}
  ALTER TABLE whole REPLICA IDENTITY FULL;`;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition, what) {
  const end = Date.now() + ROUND_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited in vain for ${what()}`);
    await pause(10);
  }
}

/// Kept in a table beside the row itself.
const toasted = (roll) => `repeat('${roll.below(2 ** 30).toString(36)}', 1000)`;

/// A statement that may find nothing to do, and never fails.
function statement(roll, table) {
  const id = roll.below(IDS);
  const name = roll.chance(0.1) ? 'NULL' : `'n${roll.below(1000)}'`;
  switch (roll.below(10)) {
    case 0: return `DELETE FROM ${table} WHERE id = ${id}`;
    case 1: {
      const other = roll.below(IDS);
      return `UPDATE ${table} SET id = ${other}, name = ${name} WHERE id = ${id}
        AND NOT EXISTS (SELECT FROM ${table} WHERE id = ${other})`;
    }
    case 2: return `UPDATE ${table} SET large = ${toasted(roll)} WHERE id = ${id}`;
    case 3: return `UPDATE ${table} SET name = ${name}, doc = '{"n": ${roll.below(99)}, "of": [1, null]}' WHERE id = ${id}`;
    case 4: return `UPDATE ${table} SET amount = amount + 0.25 WHERE id BETWEEN ${id} AND ${id + roll.below(20)}`;
    case 5: return `UPDATE ${table} SET name = name WHERE id = ${id}`;
    case 6: return `INSERT INTO ${table} SELECT i, 'many', i, '{a,b}', 'null' FROM generate_series(${id}, ${id + 5}) i
      ON CONFLICT (id) DO NOTHING`;
    default: return `INSERT INTO ${table} VALUES
      (${id}, ${name}, ${roll.below(1000) / 4}, '{"x y",NULL}', '[]', ${roll.chance(0.5) ? toasted(roll) : 'NULL'})
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, tags = NULL`;
  }
}

/// One transaction; all of it goes to the database as one text.
function transaction(roll) {
  // One at a time, so that the numbers in the audit are the order of the commits.
  const lines = ['BEGIN', 'SELECT pg_advisory_xact_lock(1)'];
  if (roll.chance(0.02)) lines.push(`TRUNCATE ${roll.one([TABLES[0], TABLES[1], TABLES.join(', ')])}`);
  const count = roll.chance(0.05) ? 100 : 1 + roll.below(6);
  for (let i = 0; i < count; i++) {
    const table = roll.one(TABLES);
    if (roll.chance(0.1)) {
      lines.push('SAVEPOINT here', statement(roll, table), statement(roll, table));
      lines.push(roll.chance(0.6) ? 'ROLLBACK TO here' : 'RELEASE here');
    }
    lines.push(statement(roll, table));
  }
  lines.push(roll.chance(0.1) ? 'ROLLBACK' : 'COMMIT');
  return lines.join(';\n');
}

/// Writes until it is enough, over every end of the database.
async function write(postgres, roll, progress) {
  while (!progress.enough && !progress.stop) {
    let client;
    try {
      client = await postgres.client();
      while (!progress.enough && !progress.stop) {
        const [answer] = await Promise.all([client.query(transaction(roll)), pause(2)]);
        progress.written += answer.reduce((sum, each) => sum + (each.command === 'SELECT' ? 0 : each.rowCount ?? 0), 0);
      }
    } catch (error) {
      if (/^(22|23|40|42)/.test(error.code ?? '')) throw error; // a statement that is wrong, not a database that is away
      await pause(20);
    } finally {
      await client?.end().catch(() => {});
    }
  }
}

/// Processes events of both tables until it is told to stop, over every end of the server and its own.
async function consume(server, roll, progress) {
  while (!progress.stop) {
    const streams = new Map();
    let unacknowledged = 0;
    const socket = new WebSocket(server.syncUrl);
    const say = (frame) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'welcome') {
        for (const collection of TABLES) {
          say({ type: 'stream', ref: collection, collection, name: `all-${collection}`, from: 'earliest', window: WINDOW });
        }
      } else if (frame.type === 'streaming') {
        streams.set(frame.streamId, frame.ref);
      } else if (frame.type === 'error') {
        // The connection before may not be known to be gone.
        if (frame.code !== 'NAME_IN_USE') progress.problems.push(frame);
        socket.close();
      } else if (frame.type === 'change') {
        progress.delivered++;
        const seen = progress.seen.get(streams.get(frame.streamId));
        if (!seen.has(frame.event.id)) seen.set(frame.event.id, frame.event);
        if (++unacknowledged > roll.below(WINDOW / 2)) {
          unacknowledged = 0;
          say({ type: 'ack', streamId: frame.streamId, id: frame.event.id });
        }
      }
    });
    progress.socket = socket;
    await new Promise((resolve) => socket.on('close', resolve));
    await pause(20);
  }
}

/// Reads documents that are there or are not, as clients do meanwhile.
async function read(server, roll, progress) {
  while (!progress.stop) {
    const documents = new Documents(server, roll.one(TABLES));
    const { status } = await documents.get(String(roll.below(IDS))).catch(() => ({ status: 503 }));
    if (![200, 404, 503].includes(status)) progress.problems.push({ status });
    progress.reads++;
    await pause(5);
  }
}

/// An event as the audit would have noted it.
function line({ collection, action, created, before, after, deleted }) {
  const op = { create: 'INSERT', update: 'UPDATE', delete: 'DELETE' }[action];
  return { collection, op, old: before ?? deleted ?? null, new: created ?? after ?? null };
}

/// What of an audited change streams are told under the table's replica identity.
function told({ collection, op, old, new: row }) {
  const key = op === 'DELETE' ? { id: old.id } : null;
  return { collection, op, old: collection === 'whole' ? old : key, new: row };
}

async function assertHistory(sql, progress) {
  const { rows } = await sql.query('SELECT collection, op, old, new FROM audit ORDER BY n');
  const events = [];
  for (const collection of TABLES) {
    const ids = [...progress.seen.get(collection).keys()];
    const astray = ids.findIndex((id, i) => i > 0 && id < ids[i - 1]);
    assert.equal(astray, -1, `event ${astray} of ${collection} came before an earlier one`);
    events.push(...progress.seen.get(collection).values());
  }
  // Ids of one log ascend: this is the order of both tables together.
  events.sort((one, other) => (one.id < other.id ? -1 : 1));
  const length = Math.min(rows.length, events.length);
  for (let i = 0; i < length; i++) {
    assert.deepEqual(line(events[i]), told(rows[i]), `event ${i} of ${rows.length}, ${events[i].id}`);
  }
  assert.equal(events.length, rows.length);
  return rows.length;
}

async function assertDocuments(server, sql) {
  for (const table of TABLES) {
    const documents = new Documents(server, table);
    const { rows } = await sql.query(`SELECT to_jsonb(t) AS row FROM ${table} t`);
    const held = [];
    for (let after = ''; after !== undefined;) {
      const { status, body } = await documents.get(undefined, `?limit=100${after}`);
      assert.equal(status, 200, JSON.stringify(body));
      held.push(...body.documents.map((each) => each.data));
      after = body.next === undefined || body.next === null ? undefined : `&after=${encodeURIComponent(body.next)}`;
    }
    const byId = (one, other) => one.id - other.id;
    assert.deepEqual(held.sort(byId), rows.map((each) => each.row).sort(byId), table);
  }
}

async function strike(who, { postgres, wire, server, roll, progress }) {
  switch (who) {
    case 'freshet':
      await server.crash();
      await server.start();
      break;
    case 'postgres':
      await postgres.crash();
      await postgres.start();
      break;
    case 'wire':
      wire.cutAfter(roll.below(50_000));
      break;
    case 'consumer':
      progress.socket?.terminate();
      break;
  }
}

for (const seed of FULL ? seeds : [seeds[0]]) {
  test(`the history of tables; FRESHET_SEED=${seed}`, { timeout: ROUND_MS }, async (t) => {
    const roll = random(seed);
    const postgres = await new Postgres().start();
    const wire = await Wire.to(postgres);
    const url = postgres.url.replace(String(postgres.port), String(wire.port));
    const server = new Server({ sources: [{ type: 'postgres', url, password: PASSWORD, tables: TABLES }] });
    const progress = {
      written: 0, delivered: 0, reads: 0, problems: [], seen: new Map(TABLES.map((table) => [table, new Map()])),
      enough: false, stop: false,
    };
    let running = [];
    try {
      const before = await postgres.client();
      await before.query(SCHEMA);
      await before.query(`INSERT INTO plain (id) VALUES (-1)`);
      await before.end();
      await server.start();
      const first = new Documents(server, 'plain');
      await until(async () => (await first.get('-1')).status === 200, () => 'the source');
      // Written before the slot was made: no stream is told of it, and from here on it is a document like any other.
      const noted = await postgres.client();
      await noted.query('TRUNCATE audit');
      await noted.end();
      running = [
        ...Array.from({ length: WRITERS }, (_, i) => write(postgres, random(seed * 10 + i), progress)),
        consume(server, random(seed * 10 + 7), progress),
        read(server, random(seed * 10 + 8), progress),
      ];
      const broken = Promise.all(running);
      broken.catch(() => {});
      const faults = Object.entries(FAULTS)
        .flatMap(([who, count]) => Array.from({ length: count }, () => [roll.below(CHANGES), who]))
        .sort(([one], [other]) => one - other);
      for (const [at, who] of faults) {
        const reached = until(() => progress.written >= at, () => `${at} changes; ${progress.written} are written`);
        await Promise.race([reached, broken]);
        await strike(who, { postgres, wire, server, roll, progress });
      }
      await Promise.race([until(() => progress.written >= CHANGES, () => 'the writers'), broken]);
      progress.enough = true;
      await Promise.all(running.slice(0, WRITERS));
      const sql = await postgres.client();
      for (const table of TABLES) await sql.query(`INSERT INTO ${table} (id) VALUES (${LAST})`);
      const isLast = (collection) => [...progress.seen.get(collection).values()].at(-1)?.documentId === String(LAST);
      await until(() => TABLES.every(isLast), () => `the last event; ${progress.delivered} were delivered`);
      progress.stop = true;
      progress.socket.terminate();
      await Promise.all(running);
      assert.deepEqual(progress.problems, []);
      const events = await assertHistory(sql, progress);
      await assertDocuments(server, sql);
      await sql.end();
      t.diagnostic(`${events} events, ${progress.delivered - events} of them more than once, ${progress.reads} reads, `
        + `the wire was cut ${wire.cuts} times`);
    } finally {
      progress.stop = true;
      progress.socket?.terminate();
      await server.crash();
      await Promise.allSettled(running);
      await server.dispose();
      wire.close();
      await postgres.dispose();
    }
  });
}
