// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What breaks, and what a stream makes of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { Retry } from '@freshet/prisma';
import { rejection, until, within } from '../waiting.js';
import { ADMIN, House } from './house.js';
import { created, prisma, reading, VERSIONS } from './prisma.js';
import { command, Server, serverForThisTest } from './server.js';

const CONFIGURATION = {
  admin: { token: ADMIN },
  pulse: { models: { User: { collection: 'people' } } },
};

const numbers = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => String(from + i));

test('a restart is not noticed, under any Prisma Client', async (t) => {
  const server = await serverForThisTest(t, CONFIGURATION);
  const retries: Retry[] = [];
  const onRetry = (retry: Retry) => void retries.push(retry);
  const loops: string[][] = [];
  for (const folder of Object.values(VERSIONS)) {
    loops.push(reading(t, await created(prisma(server, { onRetry }, folder), folder)).rows);
  }
  const house = new House(server);
  await house.createAll(numbers(100));
  await until(() => loops.every((rows) => rows.length > 10), 'some of them');
  await server.stop();
  await until(() => retries.some(({ error }) => error !== undefined), 'an attempt in vain');
  await server.start();
  await house.createAll(numbers(100, 101));
  await until(() => loops.every((rows) => rows.length >= 200), 'all of them');
  for (const rows of loops) assert.deepEqual(rows, numbers(200));
});

test('killed again and again while it is written to, it loses nothing', async (t) => {
  // What is only in memory is lost, and that is told.
  const collections = { Post: { durability: 'memory' } };
  const server = await serverForThisTest(t, { ...CONFIGURATION, collections });
  const house = new House(server);
  const posts = new House(server, 'Post');
  const client = prisma(server);
  const { rows } = reading(t, await created(client, 'n'));
  const forgetful = await client.post.stream({ name: 'forgetful' });
  const post = forgetful.getReader();
  await posts.create('1');
  forgetful.acknowledgeEvent((await within(post.read(), 'the post')).value?.id ?? '');
  await until(() => posts.placeOf('forgetful'), 'a place that is kept');
  const written: string[] = [];
  const attempted = new Set<string>();
  let last = 0;
  for (let round = 0; round < 2; round++) {
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
    await until(() => rows.length > before + 50, 'events of this round');
    await server.kill();
    isAlive = false;
    await writing;
    await server.start();
  }
  const lost = await rejection(post.read());
  assert.deepEqual([lost.name, lost.code, lost.status], ['ServerError', 'P6100', 410]);
  assert.match(lost.message, /lost|began anew/);
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

test('a key that is taken back ends the loop', async (t) => {
  const server = new Server({ ...CONFIGURATION, auth: [{ type: 'apiKeys', keys: 'keys.yml' }] });
  t.after(() => server.dispose());
  const keys = path.join(server.home, 'keys.yml');
  writeFileSync(keys, '');
  const create = ['key', 'create', '--keys', keys, '--name', 'pulse', '--user', 'pulse'];
  const apiKey = /fk_\S+/.exec(execFileSync(command, create, { encoding: 'utf8' }))?.[0] ?? '';
  await server.start();
  const refused = await rejection(created(prisma(server)));
  assert.deepEqual([refused.name, refused.code, refused.status], ['Unauthorized', 'P6102', 401]);
  const { ended } = reading(t, await created(prisma(server, { apiKey }), 'n'));
  writeFileSync(keys, '');
  const error = await rejection(ended);
  assert.deepEqual([error.name, error.code, error.status], ['Unauthorized', 'P6102', 401]);
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
  const name = 'x'.repeat(20_000);
  const rounds = 60;
  const each = 25; // 30 MB in all: far more than networks and buffers hold
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
