// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Permissions at the Pulse door, with the unmodified npm package: conditions on rows, names, and what new rules end.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import WebSocket from 'ws';
import { rejection, until, untilEqual, within } from './clients.mjs';
import { Documents } from './documents.mjs';
import { headersOf, prisma, Reading, VERSIONS } from './pulse.mjs';
import { rules, RuledServer, token } from './ruled.mjs';

const OWN = 'data.name === user.id';
const MAY = { stream: true, subscribe: true, name: "name.startsWith(user.id + '-')" };

/// Rules that say this of the people's streams.
const of = (people) => rules({ more: { stream: { '*': { stream: false, subscribe: false }, people } } });

const server = new RuledServer(of({ ...MAY, row: OWN }), { pulse: { models: { User: { collection: 'people' } } } });
after(() => server.dispose());
await server.start();
const reload = (people) => server.reload(of(people));

const endpoint = () => `ws://127.0.0.1:${server.port}`;
const people = new Documents(server, 'people');
const writing = { authorization: `Bearer ${token('writer')}` };
let lastId = 0;

async function done(answer) {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
}

/// A person of this name; the email is a mark.
async function create(name, email) {
  const id = String(++lastId);
  await done(people.send('POST', undefined, '', { id, data: { name, email } }, writing));
  return id;
}

const replace = (id, name, email) => done(people.send('PUT', id, '', { data: { name, email } }, writing));
const remove = (id) => done(people.send('DELETE', id, '', undefined, writing));

/// What a client was told, as `action mark`.
const told = (reading) => reading.events.map(({ action, created, after: now, deleted }) => `${action} ${(created ?? now ?? deleted).email}`);

for (const [version, folder] of Object.entries(VERSIONS)) {
  test(`${version}: streams and subscriptions show the rows that may be seen`, async (t) => {
    await reload({ ...MAY, row: OWN });
    const [ann, bob] = ['ann', 'bob'].map((name) => prisma(folder, endpoint(), token(name)));
    const anns = new Reading(t, await ann.user.stream({ name: `ann-${folder}` }));
    const bobs = [
      new Reading(t, await bob.user.stream({ name: `bob-${folder}` })),
      new Reading(t, await bob.user.stream()),
      new Reading(t, await bob.user.subscribe()),
    ];
    const id = await create('ann', 'first');
    await replace(id, 'ann', 'second');
    await replace(id, 'bob', 'third'); // comes into view, and out of it for the other
    await replace(id, 'bob', 'fourth');
    await replace(id, 'ann', 'fifth');
    await remove(id);
    await create('nobody', 'sixth');
    await create('ann', 'last');
    await create('bob', 'last');
    await untilEqual(() => told(anns), ['create first', 'update second', 'delete second', 'create fifth', 'delete fifth', 'create last']);
    for (const each of bobs) {
      await untilEqual(() => told(each), ['create third', 'update fourth', 'delete fourth', 'create last']);
      assert.equal(each.events[1].before.email, 'third');
      assert.doesNotMatch(JSON.stringify(each.events, (_, value) => (typeof value === 'bigint' ? String(value) : value)), /first|second|fifth|sixth/);
    }
  });

  test(`${version}: names and models that are not allowed are refused`, async () => {
    await reload({ ...MAY, row: OWN });
    const bob = prisma(folder, endpoint(), token('bob'));
    for (const refused of [() => bob.user.stream({ name: 'ann-1' }), () => bob.post.stream(), () => bob.post.subscribe()]) {
      const error = await rejection(refused());
      assert.deepEqual([error.name, error.code], ['Unauthorized', 'P6102']);
    }
    await reload({ ...MAY, subscribe: false, row: OWN });
    assert.equal((await rejection(bob.user.subscribe())).code, 'P6102');
    (await bob.user.stream()).stop();
  });

  test(`${version}: what new rules end says so in the loop; the name keeps its place`, async (t) => {
    await reload({ ...MAY, row: 'true' });
    const [ann, bob] = ['ann', 'bob'].map((name) => prisma(folder, endpoint(), token(name)));
    const name = `bob-end-${folder}`;
    const anns = new Reading(t, await ann.user.stream({ name: `ann-end-${folder}` }));
    const bobs = [new Reading(t, await bob.user.stream({ name })), new Reading(t, await bob.user.subscribe())];
    await create('x', 'before');
    for (const each of [anns, ...bobs]) await untilEqual(() => told(each), ['create before']);
    const noBobs = "user.id !== 'bob'";
    // More, if the server has not heard yet that a test before has stopped its streams.
    assert.ok((await reload({ ...MAY, stream: noBobs, subscribe: noBobs, row: 'true' })) >= 2);
    for (const each of bobs) {
      // The package comes back by itself, as it does after any close, and is told why it may not.
      const error = await rejection(within(each.ended, 'the end of the loop'));
      assert.deepEqual([error.name, error.code], ['Unauthorized', 'P6102']);
    }
    await create('x', 'meanwhile');
    await untilEqual(() => told(anns), ['create before', 'create meanwhile']);
    for (const each of bobs) assert.deepEqual(told(each), ['create before']);
    await reload({ ...MAY, row: 'true' });
    const again = new Reading(t, await bob.user.stream({ name }));
    await until(() => told(again).at(-1) === 'create meanwhile', 'what was missed');
    assert.deepEqual(told(again), ['create before', 'create meanwhile'].slice(-told(again).length));
  });
}

test('an end by new rules is the close code 1008, and a row that is hidden now is not told of again', async (t) => {
  await reload({ ...MAY, row: 'true' });
  const fields = ['id', 'name', 'email'].map((name) => ({ name, kind: 'scalar', type: 'String' }));
  const open = (route, sub, name) =>
    new Promise((resolve, reject) => {
      const headers = { ...headersOf('User', fields, { name }), authorization: `Bearer ${token(sub)}` };
      const socket = new WebSocket(`${endpoint()}${route}`, { headers });
      t.after(() => socket.terminate());
      const heard = { bytes: '', socket };
      socket.on('message', (data) => (heard.bytes += String(data)));
      socket.on('close', (code, reason) => (heard.closed = [code, String(reason)]));
      socket.once('open', () => resolve(heard)).once('error', reject);
    });
  const bobs = [await open('/stream', 'bob', 'bob-raw'), await open('/stream', 'bob'), await open('/subscribe', 'bob')];
  const anns = await open('/stream', 'ann', 'ann-raw');
  const id = await create('ann', 'seen');
  for (const each of [...bobs, anns]) await until(() => each.bytes.includes('seen'), 'the row');
  assert.equal(await reload({ ...MAY, row: OWN }), 0);
  await replace(id, 'ann', 'unseen');
  await create('bob', 'own');
  for (const each of bobs) {
    await until(() => each.bytes.includes('own'), 'the row that may be seen');
    assert.doesNotMatch(each.bytes, /unseen/);
  }
  await until(() => anns.bytes.includes('unseen'), 'her row');
  assert.doesNotMatch(anns.bytes, /own/);
  assert.ok((await reload({ ...MAY, stream: "user.id === 'ann'", subscribe: false, row: OWN })) >= 3);
  for (const each of bobs) {
    await until(() => each.closed, 'the close');
    assert.equal(each.closed[0], 1008);
    assert.match(each.closed[1], /^FORBIDDEN: /);
  }
  await replace(id, 'ann', 'still');
  await until(() => anns.bytes.includes('still'), 'what goes on');
});

// A stream that was refused leaves a timer of the package behind, which would keep this process for ever.
after(() => setTimeout(() => process.exit(), 2000).unref());
