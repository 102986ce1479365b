// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Change streams by hand: frames on `/ws`, Server-Sent Events, and what stays true over restarts.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { until } from './clients.mjs';
import { serverForThisFile } from './server.mjs';
import { SyncSession, uniqueService } from './sync.mjs';

const server = await serverForThisFile({ streams: { maxPerCollection: 3 } });
const off = await serverForThisFile({ streams: { enabled: false } });
let lastRef = 0;

/// Asks for a stream; the answer is `streaming`, or an error.
async function open(session, collection, options = {}) {
  const ref = `st-${++lastRef}`;
  session.say({ type: 'stream', ref, collection, ...options });
  return session.expect({ ref });
}

/// The ids, and what they tell, of the next so many changes of a stream.
async function changes(session, streamId, count) {
  const mine = (frame) => frame.type === 'change' && frame.streamId === streamId;
  await until(() => session.frames.filter(mine).length >= count, `${count} changes`);
  const found = session.frames.filter(mine).slice(0, count);
  session.frames = session.frames.filter((frame) => !found.includes(frame));
  return found.map((frame) => frame.event);
}

const told = ({ action, documentId, revision }) => `${action} ${documentId} ${revision}`;

async function write(session, service, ids, from = 0) {
  for (const [i, id] of ids.entries()) await session.done('create', { service, id, data: { n: from + i } });
}

test('create, update and delete, as documents and records write them', async (t) => {
  const service = uniqueService();
  const [writer, reader] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const { streamId, resumed } = await open(reader, service);
  assert.equal(resumed, false);
  await writer.done('create', { service, id: 'a', data: { name: 'Ada', id: 7 } });
  await writer.done('merge', { service, id: 'a', data: { name: null } });
  await writer.done('delete', { service, id: 'a' });
  await writer.done('restore', { service, id: 'a' });
  await writer.done('create', { service, id: 'b', data: {} });
  const [create, update, remove, restore, empty] = await changes(reader, streamId, 5);
  const id = update.id;
  assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual(create, {
    id: create.id, action: 'create', collection: service, documentId: 'a', revision: 1, created: { name: 'Ada', id: 7 },
  });
  assert.deepEqual(update, {
    id, action: 'update', collection: service, documentId: 'a', revision: 2, before: { name: 'Ada', id: 7 }, after: { id: 7 },
  });
  assert.deepEqual(remove, {
    id: remove.id, action: 'delete', collection: service, documentId: 'a', revision: 3, deleted: { id: 7 },
  });
  assert.deepEqual([restore.action, restore.created], ['create', { id: 7 }]);
  assert.deepEqual(empty.created, { id: 'b' });
  const ids = [create, update, remove, restore, empty].map((event) => event.id);
  assert.deepEqual([...ids].sort(), ids, 'ids ascend');
});

test('filters: only what was asked for, per action', async (t) => {
  const service = uniqueService();
  const session = await SyncSession.open(t, server);
  const { streamId } = await open(session, service, {
    create: { name: { not: null } },
    update: { after: { email: { endsWith: '@prisma.io' } } },
    delete: { email: { contains: 'hello' } },
  });
  const data = { name: null, email: 'hello@x' };
  await session.done('create', { service, id: 'a', data });
  await session.done('create', { service, id: 'b', data: { ...data, name: 'B' } });
  await session.done('merge', { service, id: 'a', data: { email: 'hello@prisma.io' } });
  await session.done('merge', { service, id: 'b', data: { email: 'b@other' } });
  await session.done('delete', { service, id: 'a' });
  await session.done('delete', { service, id: 'b' });
  assert.deepEqual((await changes(session, streamId, 3)).map(told), ['create b 1', 'update a 2', 'delete a 3']);
  await session.settled();
  assert.equal(session.frames.filter((frame) => frame.type === 'change').length, 0);
});

test('what cannot be asked for is refused, and the socket stays', async (t) => {
  const session = await SyncSession.open(t, server);
  const refused = [
    [{ collection: 'a/b' }, 'UNKNOWN_COLLECTION', 404],
    [{}, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', create: { n: { nope: 1 } } }, 'INVALID_FILTER', 400],
    [{ collection: 'c', create: { n: { contains: 1 } } }, 'INVALID_FILTER', 400],
    [{ collection: 'c', mode: 'other' }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', mode: 'subscribe', name: 'n' }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', from: 'yesterday' }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', name: '' }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', window: 0 }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', wiindow: 1 }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', snapshot: true }, 'INVALID_ARGUMENT', 400],
    [{ collection: 'c', from: '01JZZZZZZZZZZZZZZZZZZZZZZZ' }, 'SOURCE_GAP', 410],
  ];
  for (const [options, code, status] of refused) {
    const answer = await open(session, options.collection, options);
    assert.deepEqual([answer.type, answer.code, answer.status], ['error', code, status], JSON.stringify(options));
  }
  session.say({ type: 'ack', streamId: 'st99', id: '01JZZZZZZZZZZZZZZZZZZZZZZZ' });
  session.say({ type: 'stop', ref: 'x', streamId: 'st99' });
  assert.equal((await session.expect({ ref: 'x' })).code, 'NOT_FOUND');
  await session.settled();
  const other = await SyncSession.open(t, off);
  assert.equal((await open(other, 'c')).code, 'STREAMS_DISABLED');
});

test('a named stream goes on behind what was acknowledged, in order, also when nobody was there', async (t) => {
  const service = uniqueService();
  const writer = await SyncSession.open(t, server);
  const first = await SyncSession.open(t, server);
  const name = `n-${service}`;
  const begun = await open(first, service, { name });
  await write(writer, service, ['a', 'b', 'c']);
  const [a, b] = await changes(first, begun.streamId, 3);
  first.say({ type: 'ack', streamId: begun.streamId, id: b.id });
  await first.settled();
  first.close();
  await write(writer, service, ['d'], 3);
  const second = await SyncSession.open(t, server);
  const resumed = await until(async () => {
    const answer = await open(second, service, { name });
    return answer.type === 'streaming' && answer;
  }, 'the name to be free');
  assert.deepEqual([resumed.resumed, resumed.resumedAfter], [true, b.id]);
  const [c, d] = await changes(second, resumed.streamId, 2);
  assert.deepEqual([c, d].map(told), ['create c 1', 'create d 1']);
  // Older ones, and those of nobody, move nothing.
  second.say({ type: 'ack', streamId: resumed.streamId, id: d.id });
  second.say({ type: 'ack', streamId: resumed.streamId, id: a.id });
  second.say({ type: 'stop', streamId: resumed.streamId });
  await second.expect({ type: 'stopped', streamId: resumed.streamId });
  const third = await open(second, service, { name });
  assert.equal(third.resumedAfter, d.id);
});

test('a window holds back what is not acknowledged', async (t) => {
  const service = uniqueService();
  const session = await SyncSession.open(t, server);
  const { streamId } = await open(session, service, { name: `w-${service}`, window: 2 });
  await write(session, service, ['a', 'b', 'c', 'd', 'e']);
  const [, b] = await changes(session, streamId, 2);
  await session.settled();
  assert.equal(session.frames.filter((frame) => frame.type === 'change').length, 0, 'two, and no more');
  session.say({ type: 'ack', streamId, id: b.id });
  const [c, d] = await changes(session, streamId, 2);
  assert.deepEqual([c, d].map(told), ['create c 1', 'create d 1']);
  session.say({ type: 'ack', streamId, id: d.id });
  assert.deepEqual((await changes(session, streamId, 1)).map(told), ['create e 1']);
  // Behind the window the stream is live again.
  session.say({ type: 'ack', streamId, id: d.id });
  await write(session, service, ['f']);
  assert.deepEqual((await changes(session, streamId, 1)).map(told), ['create f 1']);
});

test('one client for a name, and the places of a collection are limited', async (t) => {
  const service = uniqueService();
  const [one, two] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `only-${service}`;
  const held = await open(one, service, { name });
  const refused = await open(two, service, { name });
  assert.deepEqual([refused.code, refused.status], ['NAME_IN_USE', 409]);
  assert.match(refused.message, /conflict/);
  await open(two, service);
  const third = await open(two, service, { mode: 'subscribe' });
  assert.equal((await open(two, service)).code, 'LIMIT_REACHED');
  two.say({ type: 'stop', streamId: third.streamId });
  await two.expect({ type: 'stopped' });
  assert.equal((await open(two, service)).type, 'streaming');
  one.say({ type: 'stop', streamId: held.streamId });
  await one.expect({ type: 'stopped' });
  assert.equal((await open(one, service, { name })).type, 'streaming');
});

test('a client that has gone silent loses its name', async (t) => {
  const service = uniqueService();
  const [gone, next] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `silent-${service}`;
  await open(gone, service, { name });
  gone.pause();
  const answer = await open(next, service, { name });
  assert.equal(answer.type, 'streaming', JSON.stringify(answer));
  gone.resume();
  assert.equal((await gone.expect({ type: 'error' })).code, 'NAME_IN_USE');
  await gone.expect({ type: 'stopped' });
  await gone.settled();
});

test('from the oldest, from a change, and from now', async (t) => {
  const service = uniqueService();
  const session = await SyncSession.open(t, server);
  await write(session, service, ['a', 'b', 'c']);
  const earliest = await open(session, service, { from: 'earliest' });
  const all = await changes(session, earliest.streamId, 3);
  assert.deepEqual(all.map(told), ['create a 1', 'create b 1', 'create c 1']);
  const after = await open(session, service, { from: all[0].id });
  assert.deepEqual((await changes(session, after.streamId, 2)).map(told), ['create b 1', 'create c 1']);
  const latest = await open(session, service, { mode: 'subscribe' });
  await write(session, service, ['d']);
  for (const { streamId } of [earliest, after, latest]) {
    assert.deepEqual((await changes(session, streamId, 1)).map(told), ['create d 1']);
  }
});

test('a restart, and a kill, lose nothing that was not acknowledged', async (t) => {
  const own = await serverForThisFile();
  const service = uniqueService();
  const name = 'through';
  const seen = [];
  let last;
  for (const end of ['stop', 'crash', 'none']) {
    const session = await SyncSession.open(t, own);
    const { streamId } = await open(session, service, { name });
    await write(session, service, ['a', 'b', 'c', 'd'].map((id) => `${end}-${id}`));
    const want = `create ${end}-d 1`;
    while (last !== want) {
      for (const event of await changes(session, streamId, 1)) {
        if (!seen.some(({ id }) => id === event.id)) seen.push(event);
        last = told(event);
        if (!last.endsWith('-d 1') || end === 'none') session.say({ type: 'ack', streamId, id: event.id });
      }
    }
    await session.settled();
    session.close();
    if (end !== 'none') {
      await own[end]();
      await own.start();
    }
  }
  const expected = ['stop', 'crash', 'none'].flatMap((end) => ['a', 'b', 'c', 'd'].map((id) => `create ${end}-${id} 1`));
  assert.deepEqual(seen.map(told), expected);
});

test('typed values: of a document only objects and lists have a type', async (t) => {
  const service = uniqueService();
  const session = await SyncSession.open(t, server);
  const { streamId } = await open(session, service, { typed: true });
  const plain = await open(session, service);
  const sse = await events(t, `/api/streams/${service}?typed=true`);
  assert.equal((await sse.next()).event, 'streaming');
  const data = { n: 1.5, text: '2026-01-01', none: null, list: [1, { $type: 'x' }], deep: { a: 1 } };
  await session.done('create', { service, id: 'a', data });
  await session.done('merge', { service, id: 'a', data: { n: 2 } });
  const row = {
    id: 'a', n: 1.5, text: '2026-01-01', none: null,
    list: { $type: 'Json', value: '[1,{"$type":"x"}]' }, deep: { $type: 'Json', value: '{"a":1}' },
  };
  const [created, updated] = await changes(session, streamId, 2);
  assert.deepEqual(created.created, row);
  assert.deepEqual([updated.before, updated.after], [row, { ...row, n: 2 }]);
  const [same] = await changes(session, plain.streamId, 1);
  assert.deepEqual(same.created, { id: 'a', ...data });
  assert.deepEqual(JSON.parse((await sse.next()).data), created);
  const { code } = await open(session, service, { typed: 'yes' });
  assert.equal(code, 'INVALID_ARGUMENT');
});

test('Server-Sent Events, and going on with Last-Event-ID', async (t) => {
  const service = uniqueService();
  const session = await SyncSession.open(t, server);
  const first = await events(t, `/api/streams/${service}?create={"n":{"gt":0}}`);
  assert.equal((await first.next()).event, 'streaming');
  await write(session, service, ['a', 'b']);
  const { event, id, data } = await first.next();
  assert.equal(event, 'create');
  assert.deepEqual(JSON.parse(data), {
    id, action: 'create', collection: service, documentId: 'b', revision: 1, created: { id: 'b', n: 1 },
  });
  first.close();
  await write(session, service, ['c'], 2);
  const second = await events(t, `/api/streams/${service}`, { 'Last-Event-ID': id });
  assert.equal((await second.next()).event, 'streaming');
  assert.equal(told(JSON.parse((await second.next()).data)), 'create c 1');
  assert.equal((await events(t, '/api/streams/')).status, 404);
  assert.equal((await events(t, `/api/streams/${service}?nope=1`)).status, 400);
  assert.equal((await events(t, `/api/streams/${service}?create={"n":{"nope":1}}`)).status, 400);
});

/// Opens a stream of Server-Sent Events.
function events(t, path, headers = {}) {
  const all = [];
  let text = '';
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: server.port, path: encodeURI(path), headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        const blocks = (text += chunk).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) {
          const fields = block.split('\n').filter((line) => !line.startsWith(':')).map((line) => /^(\w+): (.*)$/.exec(line).slice(1));
          if (fields.length > 0) all.push(Object.fromEntries(fields));
        }
      });
      response.on('error', () => {});
      resolve({ status: response.statusCode, next: () => until(() => all.shift(), 'an event'), close: () => request.destroy() });
    });
    request.on('error', reject);
    t.after(() => request.destroy());
  });
}
