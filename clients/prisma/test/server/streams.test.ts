// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Streams of a real server, under each Prisma Client.
import assert from 'node:assert/strict';
import test from 'node:test';
import { rejection, until, within } from '../waiting.js';
import { ADMIN, first, House, short } from './house.js';
import { installed, prisma, VERSIONS } from './prisma.js';
import { serverForThisFile, unique } from './server.js';

const server = await serverForThisFile({
  admin: { token: ADMIN },
  pulse: { models: { User: { collection: 'people' } } },
  streams: { windowEvents: 16 },
});
const house = new House(server);
let lastId = 0;
const fresh = () => String(++lastId);

const ROW = {
  name: 'Jane Doe',
  email: 'jane@prisma.io',
  balance: '12.50',
  followers: '9007199254740993',
  joined: '2026-01-31T12:30:00.123Z',
  avatar: 'AQI=',
  profile: { $type: 'Date', list: [1, null] },
  role: 'ADMIN',
  score: 1.5,
  active: true,
  tags: ['a', 'b'],
};

for (const [version, folder] of Object.entries(VERSIONS)) {
  const client = prisma(server, {}, folder);
  const { Prisma } = installed(folder);

  test(`${version}: every value in its type, before an update too`, async () => {
    const stream = await client.user.stream();
    const id = fresh();
    await house.create(id, ROW);
    await house.replace(id, { email: 'doe@prisma.io', tags: [] });
    await house.delete(id);
    const [created, updated, deleted] = await first(stream, 3);
    assert.ok(created?.action === 'create' && updated?.action === 'update');
    assert.ok(deleted?.action === 'delete');
    const row = {
      ...ROW,
      id: Number(id),
      balance: new Prisma.Decimal('12.50'),
      followers: 9007199254740993n,
      joined: new Date(ROW.joined),
      avatar: Buffer.from([1, 2]),
    };
    assert.deepEqual(created.created, row);
    assert.deepEqual(updated.before, row);
    assert.ok(updated.before?.balance instanceof Prisma.Decimal, 'of this very client');
    const bare = {
      ...Object.fromEntries(Object.keys(row).map((field) => [field, null])),
      id: Number(id),
      email: 'doe@prisma.io',
      tags: [],
    };
    assert.deepEqual(updated.after, bare);
    assert.deepEqual(deleted.deleted, bare);
  });

  test(`${version}: filters that the original cannot send`, async () => {
    const streams = await Promise.all([
      client.user.stream({ create: { name: { contains: '日本 😀' } } }),
      client.user.stream({ create: { followers: null, joined: { not: null } } }),
      client.user.stream({ create: { AND: { joined: { lt: '2026-02-01T00:00:00Z' } } } }),
      client.user.stream({ create: { NOT: [{ name: '日本 😀!' }, { name: 'b' }] } }),
      client.user.stream({ create: { OR: { balance: { gt: '12.4' } } } }),
      client.user.stream({ create: { followers: { in: [7] } } }),
      client.user.stream({ create: { profile: { path: ['deep'], equals: 'é' } } }),
      client.user.stream({ create: { avatar: { equals: new Uint8Array([1, 2]) } } }),
      client.user.stream({ create: { name: { equals: client.user.fields.email } } }),
      client.user.stream({ update: { before: { name: 'c' } } }),
      client.user.subscribe({ delete: { balance: { equals: null } } }),
    ]);
    const [a, b, c, end] = [fresh(), fresh(), fresh(), fresh()];
    const rows = {
      [a]: { name: '日本 😀!', joined: '2026-01-31', balance: '12.50' },
      [b]: { name: 'b', followers: '7', profile: { deep: 'é' }, avatar: 'AQI=' },
      [c]: { name: 'c', email: 'c', joined: '2026-02-01', followers: 8, balance: 12 },
    };
    for (const [id, row] of Object.entries(rows)) {
      await house.create(id, row);
      await house.replace(id, { name: 'afterwards' });
      await house.delete(id);
    }
    // One that all of them bring, so that the loops end.
    await house.create(end, { ...rows[b], ...rows[a], email: '日本 😀!', name: '日本 😀!' });
    const expected = [
      [`create ${a}`, `create ${end}`],
      [`create ${a}`],
      [`create ${a}`, `create ${end}`],
      [`create ${c}`],
      [`create ${a}`, `create ${end}`],
      [`create ${b}`, `create ${end}`],
      [`create ${b}`, `create ${end}`],
      [`create ${b}`, `create ${end}`],
      [`create ${c}`, `create ${end}`],
      [`update ${c}`],
      [`delete ${a}`, `delete ${b}`, `delete ${c}`],
    ];
    for (const [i, stream] of streams.entries()) {
      const events = await first(stream as (typeof streams)[0], expected[i]?.length ?? 0);
      assert.deepEqual(events.map(short), expected[i], `stream ${i}`);
    }
  });

  test(`${version}: filters that cannot be meant are refused, and the message says where`, async () => {
    const refused = [
      [{ create: { posts: { some: {} } } }, /posts.*relation/],
      [{ update: { after: { id: 'five' } } }, /update\.after\.id/],
      [{ delete: { OR: [{ mail: 1 }] } }, /mail/],
      [{ upsert: {} }, /upsert/],
    ] as const;
    for (const [args, message] of refused) {
      const error = await rejection(client.user.stream(args as never));
      assert.deepEqual([error.name, error.code, error.status], ['ServerError', 'P6100', 400]);
      assert.match(error.message, message);
    }
  });

  test(`${version}: left in the middle, a stream goes on with what was not acknowledged`, async () => {
    const args = { name: unique('ключ'), create: {} };
    const ids = [fresh(), fresh(), fresh()];
    const before = await client.user.stream(args);
    for (const id of ids) await house.create(id);
    const [one, two] = await first(before, 2);
    const again = await first(await client.user.stream(args), 2);
    assert.deepEqual(
      [one, two, again[1]].map((event) => String(event?.created.id)),
      ids,
    );
    assert.deepEqual(again[0], two, 'the same, its id too');
  });

  test(`${version}: one client has a name, until it is done`, async (t) => {
    const name = unique();
    const holder = await client.user.stream({ name, create: {} });
    t.after(() => holder.stop());
    const error = await rejection(client.user.stream({ name, create: {} }));
    assert.deepEqual([error.code, error.status], ['P6100', 409]);
    const id = fresh();
    await house.create(id);
    assert.deepEqual((await first(holder, 1)).map(short), [`create ${id}`]);
    const next = await client.user.stream({ name, create: {} });
    assert.deepEqual((await first(next, 1)).map(short), [`create ${id}`]);
  });
}

const client = prisma(server);

test('the server moves on as the loop does, and no further', async () => {
  const name = unique();
  const stream = await client.user.stream({ name, create: {} });
  const ids = Array.from({ length: 5 }, fresh);
  for (const id of ids) await house.create(id);
  const seen: string[] = [];
  const read = async () => {
    for await (const { id } of stream) {
      const former = seen.at(-1);
      if (former) await until(async () => (await house.placeOf(name)) >= former, 'the one before');
      assert.ok((await house.placeOf(name)) < id);
      if (seen.push(id) === ids.length) break;
    }
  };
  await within(read(), 'all events');
});

test('what is not acknowledged fills the window, and nothing is lost for it', async (t) => {
  const name = unique();
  const stream = await client.user.stream({ name, create: {} });
  t.after(() => stream.stop());
  const ids = Array.from({ length: 40 }, fresh);
  await house.createAll(ids);
  const figures = () => house.admin('GET', `streams/${encodeURIComponent(name)}`);
  await until(async () => (await figures()).inFlight === 16, 'a full window');
  const reader = stream.getReader();
  const events = [];
  for (let i = 0; i < ids.length; i++) {
    const { value } = await within(reader.read(), `event ${i}`);
    assert.ok(value);
    events.push(String(value.created.id));
    if (i % 16 === 15) stream.acknowledgeEvent(value.id);
  }
  assert.deepEqual(events, ids);
});

test('a model that is mapped to nothing is the collection of its name', async () => {
  const stream = await client.post.stream({ create: { title: { startsWith: 'first' } } });
  await new House(server, 'Post').create('hello-world', { title: 'first', more: 1 });
  const [event] = await first(stream, 1);
  assert.deepEqual(event?.created, { id: 'hello-world', title: 'first', authorId: null });
});
