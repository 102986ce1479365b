// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Measures how a table of a real PostgreSQL is followed, in turns with pg_recvlogical on the same backlogs; started by
// bench/postgres.sh. The database's own fsync is off, for all alike; ours and that of pg_recvlogical are on.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const clients = path.join(root, 'dist/src/test/client');
const packages = process.env.FRESHET_BENCH_PACKAGES ?? clients;
const require = createRequire(path.join(packages, 'package.json'));
const WebSocket = require('ws');
const { Postgres } = await import(path.join(packages, 'postgres.mjs'));

const [CHANGES, EACH, ROUNDS] = process.argv.slice(2).map(Number);
const INSERTS = 1_000;
const WINDOW = 65_536;
const command = process.env.FRESHET_COMMAND ?? path.join(root, 'dist/target/freshet/bin/freshet');
const home = mkdtempSync(path.join(os.tmpdir(), 'freshet-postgres-bench-'));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const now = () => performance.now();
const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
const started = [];
process.on('exit', () => started.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

async function until(condition, what, everyMs = 20, forMs = 120_000) {
  const end = now() + forMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(everyMs);
  }
}

/// The server under measurement, and when it began to follow the log last.
class Freshet {
  followedAt = 0;

  async start(config) {
    const file = path.join(home, 'freshet.yml');
    writeFileSync(file, JSON.stringify(config));
    this.child = spawn(command, ['start', '--port', '0', '--data', path.join(home, 'data'), '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(this.child);
    this.said = '';
    for (const out of [this.child.stdout, this.child.stderr]) {
      out.on('data', (text) => {
        if (String(text).includes(' follows ')) this.followedAt = now();
        this.said += text;
      });
    }
    this.port = await until(() => /http:\/\/127\.0\.0\.1:(\d+)/.exec(this.said)?.[1], 'the server');
    return this;
  }

  /// Seconds of processor time, and MB that are resident.
  usage() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1];
    return { cpu: (Number(stat[11]) + Number(stat[12])) / 100, rss: Math.round(rss / 1024) };
  }

  async metric(name) {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
    return Number(new RegExp(`^freshet_source_${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)[1]);
  }
}

/// Reads a named stream and acknowledges; `count` grows as events come, `at` is when the last one came.
class Consumer {
  count = 0;
  at = 0;
  onEvent = () => {};

  constructor(server, name) {
    this.socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    let unacknowledged = 0;
    let streamId;
    this.ready = new Promise((resolve) => {
      this.socket.on('message', (data) => {
        // Most frames need not be understood, only counted.
        if (streamId && data.includes('"type":"change"')) {
          this.count++;
          this.at = now();
          this.onEvent();
          if (++unacknowledged === 1_000 || this.acknowledgeAll) {
            unacknowledged = 0;
            this.socket.send(JSON.stringify({ type: 'ack', streamId, id: JSON.parse(String(data)).event.id }));
          }
          return;
        }
        const frame = JSON.parse(String(data));
        if (frame.type === 'welcome') {
          this.socket.send(JSON.stringify({ type: 'stream', ref: 'r', collection: 't', name, window: WINDOW }));
        } else if (frame.type === 'streaming') {
          streamId = frame.streamId;
          resolve();
        } else if (frame.type === 'error') {
          throw new Error(JSON.stringify(frame));
        }
      });
    });
  }
}

const postgres = await new Postgres().start();
const sql = await postgres.client();
await sql.query(`
  CREATE TABLE t (id bigserial PRIMARY KEY, name text, email text, age int, balance numeric(12,2), created timestamptz);
  CREATE PUBLICATION freshet FOR TABLE t;
  CREATE ROLE follower LOGIN REPLICATION PASSWORD 'follower';
  GRANT SELECT ON t TO follower;
  CREATE PROCEDURE fill(n int, each int) LANGUAGE plpgsql AS $$
  BEGIN
    FOR i IN 1 .. n / each LOOP
      INSERT INTO t (name, email, age, balance, created)
        SELECT 'name ' || j, 'user' || j || '@example.org', j % 90, j * 1.25, now() FROM generate_series(1, each) j;
      COMMIT;
    END LOOP;
  END $$;`);
await sql.query(`SELECT pg_create_logical_replication_slot('freshet', 'pgoutput')`);

const server = await new Freshet().start({
  sources: [{
    type: 'postgres', url: postgres.url.replace('postgres@', 'follower@'), password: 'follower', tables: ['t'], setup: 'manual',
  }],
});
await until(() => server.followedAt, 'the source');

/// A backlog that nobody has read yet; then the source may come.
async function backlog() {
  await sql.query('ALTER ROLE follower CONNECTION LIMIT 0');
  await until(async () => {
    await sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'follower'`);
    const { rows } = await sql.query(`SELECT 1 FROM pg_stat_activity WHERE usename = 'follower'`);
    return rows.length === 0;
  }, 'the source to be gone');
  await sql.query(`SELECT pg_create_logical_replication_slot('other', 'pgoutput')`);
  await sql.query(`SET synchronous_commit = off`);
  await sql.query(`CALL fill(${CHANGES}, ${EACH})`);
  await sql.query('CHECKPOINT');
  server.followedAt = 0;
}

/// Our own: from when the log is followed to when the last change is durable, and, with a consumer, is there.
async function ours(consumer) {
  const before = await server.metric('changes_total');
  const seen = consumer?.count ?? 0;
  const used = server.usage();
  await sql.query('ALTER ROLE follower CONNECTION LIMIT -1');
  await until(() => server.followedAt, 'the source', 1);
  const begin = server.followedAt;
  await until(
    async () => (await server.metric('changes_total')) >= before + CHANGES && (await server.metric('lag_milliseconds')) === 0,
    'the backlog', 25);
  const durable = now() - begin;
  let consumed;
  if (consumer) {
    await until(() => consumer.count >= seen + CHANGES, 'the events', 5);
    consumed = consumer.at - begin;
  }
  const after = server.usage();
  return { durable, consumed, cpu: after.cpu - used.cpu, rss: after.rss };
}

/// pg_recvlogical into a file, which it syncs, up to the same place.
async function theirs() {
  const { rows: [{ end }] } = await sql.query('SELECT pg_current_wal_flush_lsn() AS end');
  const file = path.join(home, 'recvlogical.out');
  const begin = now();
  const child = spawn('pg_recvlogical', [
    '-h', '127.0.0.1', '-p', String(postgres.port), '-U', 'postgres', '-d', 'postgres', '-S', 'other', '--start', '-o',
    'proto_version=1', '-o', 'publication_names=freshet', '-f', file, '--endpos', end, '--no-loop', '--fsync-interval=1',
  ], { env: { ...process.env, PGPASSWORD: 'postgres' }, stdio: 'inherit' });
  started.push(child);
  const exit = new Promise((resolve) => child.on('exit', resolve));
  // It ends with the first message behind the place.
  for (; child.exitCode === null; await Promise.race([exit, pause(10)])) await sql.query(`SELECT pg_logical_emit_message(true, 'end', '')`);
  if ((await exit) !== 0) throw new Error('pg_recvlogical failed');
  const took = now() - begin;
  rmSync(file, { force: true });
  await sql.query(`SELECT pg_drop_replication_slot('other')`);
  return took;
}

const perSecond = (ms) => `${Math.round(CHANGES / ms)} k/s`;
const rounds = [];
for (let round = 0; round <= ROUNDS; round++) {
  const row = {};
  await backlog();
  if (round % 2) row.theirs = await theirs();
  row.alone = await ours();
  row.theirs ??= await theirs();
  const consumer = new Consumer(server, `consumer-${round}`);
  await consumer.ready;
  await backlog();
  if (round % 2) row.theirsAgain = await theirs();
  row.consumed = await ours(consumer);
  row.theirsAgain ??= await theirs();
  consumer.socket.terminate();
  const warmUp = round === 0;
  console.log(`${warmUp ? 'warm-up' : `round ${round}`}: pg_recvlogical ${perSecond(row.theirs)} and ${perSecond(row.theirsAgain)}; `
    + `durable ${perSecond(row.alone.durable)} (${row.alone.cpu.toFixed(1)} CPU-s, ${row.alone.rss} MB); `
    + `consumed ${perSecond(row.consumed.consumed)} (${row.consumed.cpu.toFixed(1)} CPU-s, ${row.consumed.rss} MB)`);
  if (!warmUp) rounds.push(row);
}

const consumer = new Consumer(server, 'single');
consumer.acknowledgeAll = true;
await consumer.ready;
await sql.query('SET synchronous_commit = on');
const latency = { insert: [], event: [] };
const perRound = [];
for (let round = 0; round <= ROUNDS; round++) {
  const insert = [];
  const event = [];
  for (let i = 0; i < INSERTS; i++) {
    const came = new Promise((resolve) => {
      consumer.onEvent = resolve;
    });
    const begin = now();
    await sql.query(`INSERT INTO t (name, email) VALUES ('a', 'b')`);
    insert.push(now() - begin);
    await came;
    event.push(consumer.at - begin);
    await pause(2);
  }
  if (round > 0) perRound.push({ insert: median(insert), event: median(event), p99: event.sort((a, b) => a - b)[Math.floor(INSERTS * 0.99)] });
}
Object.assign(latency, perRound);

const of = (take) => median(rounds.map(take));
const ratio = (take, base) => of((row) => row[base] / take(row)).toFixed(2);
console.log(`
| | pg_recvlogical | Freshet | ratio | target |
|---|---|---|---|---|
| ${CHANGES / 1000} k changes, ${EACH} a transaction, to the durable log | ${perSecond(of((r) => r.theirs))} | ${perSecond(of((r) => r.alone.durable))} | ${ratio((r) => r.alone.durable, 'theirs')} | 0.7 |
| the same, to a client of \`/ws\` | ${perSecond(of((r) => r.theirsAgain))} | ${perSecond(of((r) => r.consumed.consumed))} | ${ratio((r) => r.consumed.consumed, 'theirsAgain')} | 0.5 |

Memory of the server after each round (MB): ${rounds.map((r) => `${r.alone.rss}, ${r.consumed.rss}`).join('; ')}.
CPU-us a change (median): ${(of((r) => r.alone.cpu) * 1e6 / CHANGES).toFixed(1)}, with the client ${(of((r) => r.consumed.cpu) * 1e6 / CHANGES).toFixed(1)}.

| one insert at a time | insert p50 | insert to event p50 | more than the insert | p99 |
|---|---|---|---|---|
${perRound.map((r, i) => `| round ${i + 1} | ${r.insert.toFixed(2)} ms | ${r.event.toFixed(2)} ms | ${(r.event - r.insert).toFixed(2)} ms | ${r.p99.toFixed(2)} ms |`).join('\n')}
| median (target 2 ms) | ${median(perRound.map((r) => r.insert)).toFixed(2)} ms | ${median(perRound.map((r) => r.event)).toFixed(2)} ms | ${median(perRound.map((r) => r.event - r.insert)).toFixed(2)} ms | ${median(perRound.map((r) => r.p99)).toFixed(2)} ms |`);

server.child.kill('SIGTERM');
await sql.end();
await postgres.dispose();
rmSync(home, { recursive: true, force: true });
process.exit(0);
