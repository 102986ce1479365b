// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Connections that break while the server goes on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { rejection, until } from '../waiting.js';
import { ADMIN, House } from './house.js';
import { created, prisma, reading } from './prisma.js';
import { relay, serverForThisFile, unique } from './server.js';

const server = await serverForThisFile({
  admin: { token: ADMIN },
  pulse: { models: { User: { collection: 'people' } } },
});
const house = new House(server);

test('without a name it comes back too, and brings what happens from then on', async (t) => {
  const between = await relay(t, server);
  const client = prisma(between);
  const streams = [await created(client), await client.user.subscribe({ create: {} })];
  const loops = streams.map((stream) => reading(t, stream));
  await house.create('1');
  await until(() => loops.every(({ rows }) => rows.length === 1), 'the first');
  const connected = async () => {
    const { connections } = await house.admin('GET', 'connections');
    return connections.filter(({ door }) => /stream|subscribe/.test(door)).map(({ id }) => id);
  };
  const former = await connected();
  between.cut();
  await house.create('2');
  between.heal();
  const isBack = async () => (await connected()).filter((id) => !former.includes(id)).length === 2;
  await until(isBack, 'both connections');
  await house.create('3');
  await until(() => loops.every(({ rows }) => rows.length === 2), 'the third');
  for (const { rows } of loops) assert.deepEqual(rows, ['1', '3']);
});

test('closed by an administrator, it comes back and misses nothing', async (t) => {
  const { rows } = reading(t, await created(prisma(server), unique()));
  for (const id of ['4', '5', '6']) {
    const { connections } = await house.admin('GET', 'connections');
    const mine = connections.find(({ door }) => door === '/stream');
    if (mine) await house.admin('DELETE', `connections/${mine.id}`);
    await house.create(id);
    await until(() => rows.includes(id), 'the event');
  }
  assert.deepEqual(rows, ['4', '5', '6']);
});

test('its name taken by another client meanwhile, it ends and says so', async (t) => {
  const name = unique();
  const between = await relay(t, server);
  const reconnect = { firstMs: 5, maxMs: 50, nameTakenMs: 300 };
  const { ended } = reading(t, await created(prisma(between, { reconnect }), name));
  between.cut();
  const other = prisma(server);
  const isTaken = async () => {
    const stream = await created(other, name).catch(() => undefined);
    if (stream) t.after(() => stream.stop());
    return stream;
  };
  await until(isTaken, 'the name');
  between.heal();
  const error = await rejection(ended);
  assert.deepEqual([error.code, error.status], ['P6100', 409]);
});
