// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The Pulse door, with the unmodified npm package @prisma/extension-pulse 1.2.2 under two Prisma Clients.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { rejection, unique, until, untilEqual, within } from './clients.mjs';
import { Documents } from './documents.mjs';
import { first, headersOf, prisma, Reading, VERSIONS } from './pulse.mjs';
import { relay, Server, serverForThisFile } from './server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');
const adminToken = 'an-admin-token-for-tests';
const pulse = { models: { User: { collection: 'people' } } };
const streams = { windowEvents: 16 };
const server = await serverForThisFile({ admin: { token: adminToken }, pulse, streams });
const people = new Documents(server, 'people');
let lastId = 0;

/// The id of a document that no other test writes.
const fresh = () => String(++lastId);
const name = () => unique('stream');
const endpoint = (of = server) => `ws://127.0.0.1:${of.port}`;

async function done(answer) {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
}

async function create(...ids) {
  for (const id of ids) await done(people.create({ email: `${id}@prisma.io` }, id));
}

async function admin(method, below, of = server) {
  const url = `http://127.0.0.1:${of.port}/admin/${below}`;
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${adminToken}` } });
  return { status: answer.status, body: await answer.json() };
}

const placeOf = async (stream, of) => (await admin('GET', `streams/${encodeURIComponent(stream)}`, of)).body.place;
const idsOf = (events) => events.map((event) => String((event.created ?? event.after ?? event.deleted).id));

for (const [version, folder] of Object.entries(VERSIONS)) {
  test(`${version}: create, update and delete, each value in its type`, async (t) => {
    const reading = new Reading(t, await prisma(folder, endpoint()).user.stream());
    const id = fresh();
    const row = {
      name: 'Jane Doe', email: 'jane@prisma.io', balance: '12.50', followers: '9007199254740993',
      joined: '2026-01-31T12:30:00.123Z', avatar: 'AQI=', profile: { $type: 'Date', list: [1, null] }, role: 'ADMIN',
      score: 1.5, active: true, tags: ['a', 'b'],
    };
    await done(people.create(row, id));
    await done(people.replace(id, { email: 'doe@prisma.io', tags: [] }));
    await done(people.delete(id));
    await until(() => reading.events.length === 3, 'three events');
    const [created, updated, deleted] = reading.events;
    assert.deepEqual(reading.actions, ['create', 'update', 'delete']);
    for (const event of reading.events) {
      assert.match(event.id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
      assert.equal(event.modelName, 'User');
    }
    const { balance, joined, avatar, ...plain } = created.created;
    assert.deepEqual(plain, {
      id: Number(id), name: 'Jane Doe', email: 'jane@prisma.io', followers: 9007199254740993n,
      profile: { $type: 'Date', list: [1, null] }, role: 'ADMIN', score: 1.5, active: true, tags: ['a', 'b'],
    });
    assert.equal(balance.toFixed(2), '12.50');
    assert.deepEqual(joined, new Date('2026-01-31T12:30:00.123Z'));
    assert.deepEqual([...avatar], [1, 2]);
    const bare = {
      id: Number(id), name: null, email: 'doe@prisma.io', balance: null, followers: null, joined: null, avatar: null,
      profile: null, role: null, score: null, active: null, tags: [],
    };
    assert.deepEqual(updated.after, bare);
    assert.equal(updated.before.name, 'Jane Doe');
    assert.deepEqual(updated.before.followers, { $type: 'BigInt', value: '9007199254740993' }, 'as the package leaves it');
    assert.deepEqual(deleted.deleted, bare);
  });

  test(`${version}: the filters of the reference`, async (t) => {
    const client = prisma(folder, endpoint());
    const [named, moved, gone, accented, both] = [
      new Reading(t, await client.user.stream({ create: { name: { not: null } } })),
      new Reading(t, await client.user.stream({ update: { after: { email: { endsWith: '@prisma.io' } } } })),
      new Reading(t, await client.user.stream({ delete: { email: { contains: 'hello' } } })),
      new Reading(t, await client.user.subscribe({ create: { name: { contains: 'é', mode: 'insensitive' } } })),
      new Reading(t, await client.user.stream({
        create: { AND: [{ followers: { gt: 9007199254740992n } }, { joined: { lt: new Date('2026-02-01') } }] },
        update: { after: {} },
      })),
    ];
    const [a, b] = [fresh(), fresh()];
    await done(people.create({ email: 'x@example.org' }, a));
    await done(people.create({
      email: 'hello@example.org', name: 'CAFÉ', followers: '9007199254740993', joined: '2026-01-31',
    }, b));
    await done(people.merge(a, { email: 'x@prisma.io' }));
    await done(people.merge(b, { name: null }));
    await done(people.delete(a));
    await done(people.delete(b));
    const end = fresh();
    await done(people.create({ email: 'hello@prisma.io', name: 'é', followers: '9007199254740993', joined: '2026-01-31' }, end));
    await done(people.merge(end, { email: 'hello.end@prisma.io' }));
    await done(people.delete(end));
    const told = (reading) => reading.events.map((event, i) => `${event.action} ${idsOf(reading.events)[i]}`);
    await untilEqual(() => told(named), [`create ${b}`, `create ${end}`]);
    await untilEqual(() => told(moved), [`update ${a}`, `update ${end}`]);
    await untilEqual(() => told(gone), [`delete ${b}`, `delete ${end}`]);
    await untilEqual(() => told(accented), [`create ${b}`, `create ${end}`]);
    await untilEqual(() => told(both), [`create ${b}`, `update ${a}`, `update ${b}`, `create ${end}`, `update ${end}`]);
  });

  test(`${version}: filters that cannot be meant are refused`, async () => {
    const client = prisma(folder, endpoint());
    const error = await rejection(client.user.stream({ create: { posts: { some: {} } } }));
    assert.equal(error.name, 'ServerError');
    assert.equal(error.code, 'P6100');
    assert.match(error.message, /posts.*relation/);
    const other = await rejection(client.user.stream({ create: { id: 'five' } }));
    assert.match(other.message, /create\.id/);
  });

  test(`${version}: left in the middle, a named stream goes on with what was not acknowledged`, async () => {
    const client = prisma(folder, endpoint());
    const stream = name();
    const ids = [fresh(), fresh(), fresh()];
    const before = await client.user.stream({ name: stream, create: {} });
    await create(...ids);
    assert.deepEqual(idsOf(await first(before, 2)), ids.slice(0, 2));
    await create(fresh());
    const again = await until(() => client.user.stream({ name: stream, create: {} }).catch(() => undefined));
    const events = await first(again, 3);
    assert.deepEqual(idsOf(events), [...ids.slice(1), String(lastId)]);
  });

  test(`${version}: one client has a name, until it stops`, async (t) => {
    const client = prisma(folder, endpoint());
    const stream = name();
    const reading = new Reading(t, await client.user.stream({ name: stream }));
    const error = await rejection(client.user.stream({ name: stream }));
    assert.equal(error.code, 'P6100');
    assert.match(error.message, /name/i);
    await create(fresh());
    await until(() => reading.events.length === 1, 'the first client is not disturbed');
    await reading.stop();
    const next = await until(() => client.user.stream({ name: stream }).catch(() => undefined));
    next.stop();
  });
}

const client = prisma('prisma7', endpoint());

test('stop() ends the loop without an error', async () => {
  const subscription = await client.user.stream();
  const loop = (async () => {
    for await (const event of subscription) assert.fail(`nothing was written: ${event.id}`);
  })();
  subscription.stop();
  await within(loop, 'the end of the loop');
});

test('a model without a mapping is the collection of its name, its id a text', async (t) => {
  const posts = new Documents(server, 'Post');
  const reading = new Reading(t, await client.post.stream());
  await done(posts.create({ title: 'first' }, 'hello-world'));
  await until(() => reading.events.length === 1, 'the event');
  assert.deepEqual(reading.events[0].created, { id: 'hello-world', title: 'first', authorId: null });
});

test('acknowledgements move the place forward, one event after the other', async (t) => {
  const stream = name();
  const subscription = await client.user.stream({ name: stream, create: {} });
  t.after(() => subscription.stop());
  const ids = Array.from({ length: 5 }, fresh);
  await create(...ids);
  const seen = [];
  const loop = (async () => {
    for await (const event of subscription) {
      // The package acknowledges an event when the next one is asked for.
      if (seen.length > 0) await until(async () => (await placeOf(stream)) >= seen.at(-1), 'the place of the one before');
      assert.ok((await placeOf(stream)) < event.id, 'not further than what is done with');
      seen.push(event.id);
    }
  })();
  await until(() => seen.length === ids.length, 'all events');
  assert.deepEqual(seen, [...seen].sort());
  await until(async () => (await placeOf(stream)) >= seen.at(-1), 'the place of the last one');
  subscription.acknowledgeEvent(seen[0]);
  subscription.acknowledgeEvent('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  await create(fresh());
  await until(() => seen.length === ids.length + 1, 'one more event');
  await until(async () => (await placeOf(stream)) >= seen.at(-1), 'it does not go back');
  subscription.stop();
  await within(loop, 'the end of the loop');
});

test('a reader that acknowledges nothing is sent a window, and no more', async (t) => {
  const stream = name();
  const subscription = await client.user.stream({ name: stream, create: {} });
  t.after(() => subscription.stop());
  const reader = subscription.getReader();
  const ids = Array.from({ length: 20 }, fresh);
  await create(...ids);
  const got = [];
  for (let i = 0; i < streams.windowEvents; i++) got.push((await within(reader.read(), `event ${i}`)).value);
  const figures = async () => (await admin('GET', `streams/${encodeURIComponent(stream)}`)).body;
  await untilEqual(async () => (await figures()).inFlight, streams.windowEvents);
  subscription.acknowledgeEvent(got[3].id);
  for (let i = 0; i < 4; i++) got.push((await within(reader.read(), `event ${i} after the acknowledgement`)).value);
  assert.deepEqual(idsOf(got), ids);
  reader.releaseLock();
});

test('a connection that breaks comes back by itself and misses nothing', async (t) => {
  const between = await relay(t, server);
  const far = prisma('prisma7', between.url.replace('/deepstream', ''));
  const reading = new Reading(t, await far.user.stream({ name: name(), create: {} }));
  const before = fresh();
  await create(before);
  await until(() => reading.events.length === 1, 'the first event');
  between.cut();
  between.heal();
  const after = fresh();
  await create(after);
  await until(() => idsOf(reading.events).includes(after), 'what was written meanwhile');
  assert.deepEqual([...new Set(idsOf(reading.events))], [before, after]);
});

test('closed by an administrator, it comes back by itself too', async (t) => {
  const reading = new Reading(t, await client.user.stream({ name: name(), create: {} }));
  const { body } = await admin('GET', 'connections');
  const mine = body.connections.filter(({ door }) => door === '/stream').at(-1);
  assert.equal((await admin('DELETE', `connections/${mine.id}`)).status, 200);
  const id = fresh();
  await create(id);
  await until(() => idsOf(reading.events).includes(id), 'the event after it came back');
});

test('a client that is gone without a word gives its name to the next', async (t) => {
  const stream = name();
  const silent = net.connect(server.port, '127.0.0.1');
  t.after(() => silent.destroy());
  const headers = headersOf('User', [{ name: 'id', kind: 'scalar', type: 'Int' }], { name: stream });
  const lines = Object.entries({
    host: 'localhost', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers,
  });
  silent.write(`GET /stream HTTP/1.1\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`);
  const answer = await within(new Promise((resolve) => silent.once('data', resolve)), 'the 101');
  assert.match(String(answer), /^HTTP\/1\.1 101 /);
  const ended = new Promise((resolve) => silent.once('close', resolve));
  const subscription = await within(client.user.stream({ name: stream }), 'the name'); // it answers no ping
  t.after(() => subscription.stop());
  await within(ended, 'the end of the silent one');
});

test('subscribe() brings what happens from its answer on, and nothing from before', async (t) => {
  await create(fresh());
  const reading = new Reading(t, await client.user.subscribe());
  const ids = [fresh(), fresh()];
  await create(...ids);
  await untilEqual(() => idsOf(reading.events), ids);
});

test('pings are answered in time while ten thousand events are on their way', async (t) => {
  const many = new Documents(server, unique('many').replace('/', '-'));
  const fields = [{ name: 'text', kind: 'scalar', type: 'String' }];
  const headers = headersOf(many.service, fields, { name: name() });
  await done(many.create({ text: '' }, '0'));
  const socket = new WebSocket(`${endpoint()}/stream`, { headers });
  t.after(() => socket.terminate());
  await within(new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)), 'the 101');
  const text = 'x'.repeat(1000);
  let received = 0;
  socket.on('message', (data) => {
    received++;
    socket.send(JSON.stringify({ type: 'ack', id: JSON.parse(data).id }));
  });
  let pongs = 0;
  const latest = [];
  socket.on('pong', () => {
    pongs++;
    latest.push(Date.now() - sent);
  });
  let sent = 0;
  let pings = 0;
  const writing = (async () => {
    for (let at = 0; at < 10_000; at += 100) {
      const ops = Array.from({ length: 100 }, (_, i) => ({
        op: 'create', service: many.service, id: `n${at + i}`, data: { text },
      }));
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/sync/batch`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ops }),
      });
      assert.equal(answer.status, 200, await answer.text());
    }
  })();
  while (received < 10_000) {
    sent = Date.now();
    socket.ping();
    pings++;
    await until(() => pongs === pings, 'a pong');
    await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 20))]);
    if (socket.readyState !== WebSocket.OPEN) assert.fail(`closed after ${received} events`);
  }
  await writing;
  assert.ok(Math.max(...latest) < 1000, `the slowest pong took ${Math.max(...latest)} ms; the package waits 1000`);
});

test('a bad key is refused, and a key that is taken back ends the loop with a typed error', async (t) => {
  const guarded = new Server({ auth: [{ type: 'apiKeys', keys: 'keys.yml' }], pulse });
  t.after(() => guarded.dispose());
  const keys = path.join(guarded.home, 'keys.yml');
  writeFileSync(keys, '');
  const freshet = (...args) => execFileSync(command, args, { cwd: here, encoding: 'utf8' });
  const key = /fk_\S+/.exec(freshet('key', 'create', '--keys', keys, '--name', 'pulse', '--user', 'pulse'))[0];
  await guarded.start();
  for (const [version, folder] of Object.entries(VERSIONS)) {
    const error = await rejection(prisma(folder, endpoint(guarded), 'wrong').user.stream());
    assert.deepEqual([error.name, error.code], ['Unauthorized', 'P6102'], version);
  }
  const subscription = await prisma('prisma7', endpoint(guarded), key).user.stream({ name: 'kept' });
  const loop = (async () => {
    for await (const event of subscription) assert.fail(`nothing was written: ${event.id}`);
  })();
  const id = freshet('key', 'list', '--keys', keys).split('\n').find((line) => line.includes('pulse')).split(/\s+/)[0];
  freshet('key', 'revoke', '--keys', keys, id);
  const error = await rejection(within(loop, 'the end of the loop'));
  assert.deepEqual([error.name, error.code], ['Unauthorized', 'P6102']);
});

test('without streams the error says so', async (t) => {
  const off = new Server({ streams: { enabled: false } });
  t.after(() => off.dispose());
  await off.start();
  const error = await rejection(prisma('prisma7', endpoint(off)).user.stream());
  assert.deepEqual([error.name, error.code], ['StreamsDisabledError', 'P6106']);
});

for (const [how, end] of [['a restart', (of) => of.stop()], ['a crash', (of) => of.crash()]]) {
  test(`after ${how} a new stream of the same name goes on where the old one was`, async (t) => {
    const own = new Server({ pulse });
    t.after(() => own.dispose());
    await own.start();
    const documents = new Documents(own, 'people');
    const lasting = prisma('prisma7', endpoint(own));
    const subscription = await lasting.user.stream({ name: 'lasting', create: {} });
    for (const id of ['1', '2', '3']) await done(documents.create({ email: id }, id));
    assert.deepEqual(idsOf(await first(subscription, 2)), ['1', '2']);
    await end(own);
    await own.start();
    await done(documents.create({ email: '4' }, '4'));
    const again = await within(lasting.user.stream({ name: 'lasting', create: {} }), 'the stream');
    const reading = new Reading(t, again);
    await until(() => idsOf(reading.events).includes('4'), 'the newest event');
    // The first was acknowledged; a crash may take that back.
    assert.deepEqual(idsOf(reading.events).slice(-3), ['2', '3', '4']);
  });
}

test('a stream that is open when the server goes away ends with an error [own rule]', async (t) => {
  const own = new Server({ pulse });
  t.after(() => own.dispose());
  await own.start();
  const reading = new Reading(t, await prisma('prisma7', endpoint(own)).user.stream({ name: 'n' }));
  await own.crash();
  await rejection(within(reading.ended, 'the end of the loop'));
});

// A stream that was refused leaves a timer of the package behind, which would keep this process for ever.
after(() => setTimeout(() => process.exit(), 2000).unref());
