// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What breaks, and what a stream makes of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import type { Retry } from '@freshet/prisma';
import { rejection, until } from '../waiting.js';
import { ADMIN, House } from './house.js';
import { prisma, VERSIONS } from './prisma.js';
import { command, relay, Server, serverForThisTest } from './server.js';

const CONFIGURATION = {
  admin: { token: ADMIN },
  pulse: { models: { User: { collection: 'people' } } },
};

const numbers = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => String(from + i));

/** A loop over a stream; the numbers of its rows, in the order they came. */
function reading(t: TestContext, stream: Awaited<ReturnType<typeof created>>) {
  t.after(() => stream.stop());
  const rows: string[] = [];
  const read = async () => {
    for await (const { created } of stream) rows.push(String(created.id));
  };
  const ended = read();
  ended.catch(() => {}); // for those who await it
  return { rows, ended };
}

function created(client: ReturnType<typeof prisma>, name?: string) {
  return client.user.stream({ ...(name === undefined ? {} : { name }), create: {} });
}

for (const [version, folder] of Object.entries(VERSIONS)) {
  test(`${version}: a restart is not noticed`, async (t) => {
    const server = await serverForThisTest(t, CONFIGURATION);
    const retries: Retry[] = [];
    const onRetry = (retry: Retry) => void retries.push(retry);
    const client = prisma(server, { onRetry }, folder);
    const { rows } = reading(t, await created(client, 'n'));
    const house = new House(server);
    await house.createAll(numbers(100));
    await until(() => rows.length > 10, 'some of them');
    await server.stop();
    await until(() => retries.some(({ error }) => error !== undefined), 'an attempt in vain');
    await server.start();
    await house.createAll(numbers(100, 101));
    await until(() => rows.length >= 200, 'all of them');
    assert.deepEqual(rows, numbers(200));
  });
}

test('killed again and again while it is written to, it loses nothing', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const house = new House(server);
  const { rows } = reading(t, await created(prisma(server), 'n'));
  const written: string[] = [];
  const attempted = new Set<string>();
  let last = 0;
  for (let round = 0; round < 3; round++) {
    let isAlive = true;
    const writing = (async () => {
      while (isAlive) {
        const ids = numbers(10, last + 1);
        last += ids.length;
        ids.forEach((id) => attempted.add(id));
        // What was not answered may have been written, or not.
        await house.createAll(ids).then(
          () => written.push(...ids),
          () => {},
        );
      }
    })();
    const before = rows.length;
    await until(() => rows.length > before + 200, 'events of this round');
    await server.kill();
    isAlive = false;
    await writing;
    await server.start();
  }
  const end = numbers(1, last + 1);
  await house.createAll(end);
  await until(() => rows.includes(end[0] ?? ''), 'the last one');
  const brought = new Set(rows);
  assert.deepEqual(
    [...written, ...end].filter((id) => !brought.has(id)),
    [],
    'written and not brought',
  );
  assert.equal(brought.size, rows.length, 'none twice, for this client');
  assert.ok(rows.every((id) => attempted.has(id) || end.includes(id)));
});

test('without a name it comes back too, and brings what happens from then on', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const between = await relay(t, server);
  const client = prisma(between);
  const streams = [await created(client), await client.user.subscribe({ create: {} })];
  const loops = streams.map((stream) => reading(t, stream));
  const house = new House(server);
  await house.create('1');
  await until(() => loops.every(({ rows }) => rows.length === 1), 'the first');
  between.cut();
  await house.create('2');
  between.heal();
  const both = async () => {
    const { connections } = await house.admin('GET', 'connections');
    return connections.filter(({ door }) => /stream|subscribe/.test(door)).length === 2;
  };
  await until(both, 'both connections');
  await house.create('3');
  await until(() => loops.every(({ rows }) => rows.length === 2), 'the third');
  for (const { rows } of loops) assert.deepEqual(rows, ['1', '3']);
});

test('closed by an administrator, it comes back and misses nothing', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const { rows } = reading(t, await created(prisma(server), 'n'));
  const house = new House(server);
  for (const id of ['1', '2', '3']) {
    const { connections } = await house.admin('GET', 'connections');
    const mine = connections.find(({ door }) => door === '/stream');
    if (mine) await house.admin('DELETE', `connections/${mine.id}`);
    await house.create(id);
    await until(() => rows.includes(id), 'the event');
  }
  assert.deepEqual(rows, ['1', '2', '3']);
});

test('its name taken by another client meanwhile, it ends and says so', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const between = await relay(t, server);
  const reconnect = { firstMs: 5, maxMs: 50, nameTakenMs: 300 };
  const { ended } = reading(t, await created(prisma(between, { reconnect }), 'n'));
  between.cut();
  const other = prisma(server);
  const isTaken = async () => {
    const stream = await created(other, 'n').catch(() => undefined);
    if (stream) t.after(() => stream.stop());
    return stream;
  };
  await until(isTaken, 'the name');
  between.heal();
  const error = await rejection(ended);
  assert.deepEqual([error.code, error.status], ['P6100', 409]);
});

test('a place that is gone ends the loop, whose error says what was lost', async (t) => {
  const collections = { people: { durability: 'memory' } };
  const server = await serverForThisTest(t, { ...CONFIGURATION, collections });
  const house = new House(server);
  const { rows, ended } = reading(t, await created(prisma(server), 'n'));
  await house.createAll(numbers(10));
  await until(() => rows.length === 10, 'all of them');
  await until(async () => (await house.placeOf('n')) !== null, 'a place that is kept');
  await server.kill();
  await server.start();
  const error = await rejection(ended);
  assert.deepEqual([error.name, error.code, error.status], ['ServerError', 'P6100', 410]);
  assert.match(error.message, /lost|began anew/);
});

test('a key that is taken back ends the loop', async (t) => {
  const server = new Server({ ...CONFIGURATION, auth: [{ type: 'apiKeys', keys: 'keys.yml' }] });
  t.after(() => server.dispose());
  const keys = path.join(server.home, 'keys.yml');
  writeFileSync(keys, '');
  const freshet = (...args: string[]) =>
    execFileSync(command, ['key', ...args], { encoding: 'utf8' });
  const given = freshet('create', '--keys', keys, '--name', 'pulse', '--user', 'pulse');
  const apiKey = /fk_\S+/.exec(given)?.[0] ?? '';
  await server.start();
  const refused = await rejection(created(prisma(server)));
  assert.deepEqual([refused.name, refused.code, refused.status], ['Unauthorized', 'P6102', 401]);
  const { ended } = reading(t, await created(prisma(server, { apiKey }), 'n'));
  const line = freshet('list', '--keys', keys)
    .split('\n')
    .find((text) => text.includes('pulse'));
  freshet('revoke', '--keys', keys, line?.split(/\s+/)[0] ?? '');
  const error = await rejection(ended);
  assert.deepEqual([error.name, error.code, error.status], ['Unauthorized', 'P6102', 401]);
});

test('without streams it says so', async (t) => {
  const server = await serverForThisTest(t, { streams: { enabled: false } });
  const error = await rejection(created(prisma(server)));
  assert.deepEqual([error.name, error.code, error.status], ['StreamsDisabledError', 'P6106', 403]);
});

test('a slow loop: streams wait for it, subscriptions miss events, and memory is bounded', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const client = prisma(server);
  const streams = [
    await created(client, 'n'),
    await created(client),
    await client.user.subscribe({ create: {} }),
  ] as const;
  const house = new House(server);
  const name = 'x'.repeat(5_000);
  const rounds = 80;
  const each = 100; // 40 MB in all: far more than networks and buffers hold
  for (let i = 0; i < rounds; i++) await house.createAll(numbers(each, i * each + 1), { name });
  const missed = () => house.metric('freshet_stream_dropped_total', '/subscribe');
  await until(async () => (await missed()) > 0, 'events that were missed');
  const [named, unnamed, live] = streams.map((stream) => reading(t, stream).rows);
  assert.ok(named && unnamed && live);
  const all = numbers(rounds * each);
  for (const rows of [named, unnamed]) {
    await until(() => rows.length === all.length, 'all of them');
    assert.deepEqual(rows, all);
  }
  await until(async () => live.length + (await missed()) === all.length, 'the others of them');
  assert.deepEqual(
    live,
    all.filter((id) => live.includes(id)),
  );
});
