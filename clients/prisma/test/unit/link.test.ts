// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Coming back after a connection was lost, and not being overrun, against a server that is scripted.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { Link } from '../../src/link.js';
import type { LinkOwner } from '../../src/link.js';
import { waitBefore } from '../../src/backoff.js';
import { eventId, model, Reading, refusalOf, ScriptedServer, streaming } from '../scripted.js';
import { rejection, until, within } from '../waiting.js';

const [E0, E1, E2] = [0, 1, 2].map(eventId) as [string, string, string];

test('waits double up to a bound, spread over their upper half', () => {
  const backoff = { first: 100, max: 1_000 };
  const waits = [0, 1, 2, 3, 4, 50].map((failures) => waitBefore(backoff, failures, 1));
  assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(waitBefore(backoff, 1, 0), 100);
});

test('whatever ended the connection, it comes back with the same headers', async (t) => {
  const { server, peer, subscription } = await streaming(t, { name: 'n', create: { int: 1 } });
  const reading = new Reading(subscription);
  const ends = [1000, 1001, 1008, 1012, 4000, 0];
  let present = peer;
  for (const [i, code] of ends.entries()) {
    present.created(eventId(i));
    await until(() => reading.ids.length === i + 1, 'the event');
    if (code) present.socket.close(code);
    else present.cut();
    const next = await server.next();
    const { 'sec-websocket-key': one, ...former } = present.headers;
    const { 'sec-websocket-key': other, ...headers } = next.headers;
    assert.deepEqual(headers, former);
    assert.notEqual(one, other);
    present = next;
  }
  assert.deepEqual(
    reading.ids,
    ends.map((_, i) => eventId(i)),
  );
});

test('refusals that pass are tried through, and told', async (t) => {
  const { server, peer, subscription, retries } = await streaming(t, { name: 'n' });
  const reading = new Reading(subscription);
  const passing = [
    refusalOf(503, 'P6101', 'the server is stopping'),
    { status: 502, body: '<html>' },
    refusalOf(500, 'P6100', 'failed'),
    refusalOf(429, 'P6100', 'too many'),
    refusalOf(409, 'P6100', 'the name has a client'),
    refusalOf(409, 'P6100', 'the name has a client'),
    { status: 504 },
  ];
  server.refuse(...passing);
  peer.cut();
  const next = await server.next();
  next.created(E0);
  await until(() => reading.ids.length === 1, 'the event');
  assert.deepEqual(
    retries.map(({ error }) => error?.status),
    [undefined, ...passing.map(({ status }) => status)],
  );
  assert.ok(retries.every(({ modelName, name }) => modelName === 'User' && name === 'n'));
});

test('nobody there, and then somebody', async (t) => {
  const { server, subscription, retries } = await streaming(t, { name: 'n' });
  const reading = new Reading(subscription);
  await server.stop();
  await until(() => retries.length > 5, 'attempts in vain');
  assert.ok(retries.slice(1, 5).every(({ error }) => /ECONNREFUSED/.test(error?.message ?? '')));
  await server.again();
  (await server.next()).created(E0);
  await until(() => reading.ids.length === 1, 'the event');
});

test('the server may say when', async (t) => {
  const { server, peer, retries } = await streaming(t, { name: 'n' });
  server.refuse({ status: 503, headers: { 'retry-after': '1' } });
  peer.cut();
  await until(() => retries.length === 2, 'the second wait');
  assert.ok((retries[1]?.delayMs ?? 0) >= 1000);
  await server.next();
});

test('refusals that last end the loop, behind nothing that would come again', async (t) => {
  const lasting = [
    [400, 'P6100', 'ServerError'],
    [401, 'P6102', 'Unauthorized'],
    [403, 'P6106', 'StreamsDisabledError'],
    [404, 'P6100', 'ServerError'],
    [410, 'P6100', 'ServerError'],
    [301, 'P6100', 'ServerError'],
  ] as const;
  for (const [status, code, name] of lasting) {
    const { server, peer, subscription } = await streaming(t, { name: 'n' });
    server.refuse(refusalOf(status, code, 'changes were lost'));
    const reading = new Reading(subscription);
    peer.created(E0);
    await until(() => reading.ids.length === 1, 'the event');
    peer.cut();
    const error = await rejection(reading.ended);
    assert.deepEqual([error.status, error.code, error.name], [status, code, name]);
    await within(subscription.closed, 'the end');
    assert.equal(server.handshakes, 2);
  }
});

test('without a name, what came is read before the error', async (t) => {
  const { server, peer, subscription } = await streaming(t, {});
  server.refuse(refusalOf(401, 'P6102', 'no'));
  peer.created(E0, E1, E2);
  peer.socket.close();
  await within(subscription.closed, 'the end');
  const reading = new Reading(subscription);
  assert.equal((await rejection(reading.ended)).status, 401);
  assert.deepEqual(reading.ids, [E0, E1, E2]);
});

test('a name that stays taken is given up', async (t) => {
  const reconnect = { firstMs: 2, maxMs: 10, nameTakenMs: 50 };
  const { server, peer, subscription } = await streaming(t, { name: 'n' }, { reconnect });
  const reading = new Reading(subscription);
  server.refuse(...Array.from({ length: 1000 }, () => refusalOf(409, 'P6100', 'taken')));
  peer.cut();
  assert.equal((await rejection(reading.ended)).status, 409);
  assert.ok(server.handshakes > 2, 'not at once');
});

test('stopped while it waits to come back, it does not', async (t) => {
  const slow = { reconnect: { firstMs: 600_000, maxMs: 600_000 } };
  const { server, peer, subscription, retries } = await streaming(t, { name: 'n' }, slow);
  const reading = new Reading(subscription);
  peer.cut();
  await until(() => retries.length === 1, 'the wait');
  subscription.stop();
  await within(reading.ended, 'the end of the loop');
  await within(subscription.closed, 'the end');
  assert.equal(server.handshakes, 1);
});

test('a loop that is slow holds back the server, and still gets everything', async (t) => {
  const { peer, subscription, server } = await streaming(t, {});
  const text = 'x'.repeat(10_000);
  const count = 3_000;
  for (let i = 0; i < count; i++) {
    peer.say({ id: eventId(i), action: 'create', created: { text } });
  }
  // Another one, which is read, tells when this one would have got everything, too.
  const other = model(server.url).stream({});
  const quick = await server.next();
  const loop = new Reading(await other, (id) => id !== eventId(count - 1) || Promise.reject(id));
  for (let i = 0; i < count; i++) {
    quick.say({ id: eventId(i), action: 'create', created: { text } });
  }
  await within(
    loop.ended.catch((id) => assert.equal(id, eventId(count - 1))),
    'the end of the other one',
  );
  // Gone are 4 Mi characters, and what the network holds.
  const left = peer.socket.bufferedAmount;
  assert.ok(left > (count * text.length) / 3, `${left} bytes left at the server`);
  const reader = subscription.getReader();
  for (let i = 0; i < count; i++) {
    assert.equal((await within(reader.read(), `event ${i}`)).value?.id, eventId(i));
  }
  assert.equal(server.handshakes, 2);
  subscription.stop();
});

test('stopped while nothing is read, it ends', async (t) => {
  const { peer, subscription } = await streaming(t, {});
  for (let i = 0; i < 5_000; i++) peer.created(eventId(i));
  await until(() => peer.socket.bufferedAmount === 0, 'all of it is on its way');
  subscription.stop();
  await within(Promise.all([peer.closed, subscription.closed]), 'the end');
});

/** A link of its own, which takes silence for an end sooner. */
async function linked(
  t: TestContext,
  rhythm: { everyMs: number; withinMs: number },
  pongs: boolean,
) {
  const server = await ScriptedServer.start(t, { answersPings: pongs });
  const told = { downs: 0, texts: [] as string[] };
  const owner: LinkOwner = {
    opened: () => {},
    received: (text) => void told.texts.push(text),
    down: () => void told.downs++,
    failed: () => {},
    closed: () => {},
    retrying: () => {},
  };
  const settings = { backoff: { first: 2, max: 10 }, nameTakenMs: 1000, rhythm };
  const door = new URL(`${server.url}/stream`);
  const link = new Link(door, { 'prisma-client-version': '7.10.0' }, settings, owner);
  t.after(() => link.stop());
  await within(link.open(), 'the connection');
  return { server, peer: await server.next(), link, told };
}

test('a server that answers nothing is left', async (t) => {
  const { server, peer, told } = await linked(t, { everyMs: 20, withinMs: 20 }, false);
  await server.next();
  assert.equal(await within(peer.closed, 'its end'), 1006);
  assert.equal(told.downs, 1);
});

test('one that answers is not, though the program is busy for longer', async (t) => {
  const { peer, told } = await linked(t, { everyMs: 20, withinMs: 20 }, true);
  let rounds = 0;
  peer.socket.on('ping', () => {
    rounds++;
    const end = Date.now() + 50;
    while (Date.now() < end); // the answer is on its way, and cannot be read in time
  });
  await until(() => rounds === 5 || told.downs > 0, 'pings');
  assert.equal(told.downs, 0);
});

test('nor is one that is not listened to, and it is pinged all the same', async (t) => {
  const { peer, link, told } = await linked(t, { everyMs: 10, withinMs: 10 }, true);
  link.pause(true);
  peer.created(E0);
  const pings = peer.pings;
  await until(() => peer.pings > pings + 5, 'pings');
  assert.equal(told.downs, 0);
  assert.deepEqual(told.texts, []);
  link.pause(false);
  await until(() => told.texts.length === 1, 'the event');
});

test('what speaks HTTP and no WebSocket is no server', async (t) => {
  const { server, peer, subscription } = await streaming(t, { name: 'n' });
  server.refuse({ status: 200, body: 'hello' });
  peer.cut();
  const error = await rejection(new Reading(subscription).ended);
  assert.equal(error.status, 200);
  assert.equal((await rejection(model('ws://127.0.0.1:1').stream())).status, undefined);
});
