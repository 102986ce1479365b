// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// New rules end what is open and not allowed any more, at every door, with a notice; rows that may not be read do not
// leave through any of them.
import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after } from 'node:test';
import { client, json, open, recorder, rejection, settled, until, within } from './clients.mjs';
import { all, rules, RuledServer, token } from './ruled.mjs';
import { SyncSession } from './sync.mjs';

const server = new RuledServer();
after(() => server.dispose());
await server.start();
const reload = (content) => server.reload(content);

async function user(t, name, expecting = ['MESSAGE_DENIED']) {
  const made = client(t, server.url, { expecting, subscriptionInterval: 0 });
  await within(made.login({ token: token(name) }), 'the login');
  return made;
}

const documents = (t, name, claims) => SyncSession.open(t, server, { query: `?token=${token(name, claims)}` });

/// Everything that a stream of Server-Sent Events says, and whether it has ended.
function events(t, name, pathAndQuery) {
  const heard = { text: '', ended: false };
  const request = http.get({ host: '127.0.0.1', port: server.port, path: pathAndQuery, headers: { Authorization: `Bearer ${token(name)}` }, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (chunk) => { heard.text += chunk; }).on('end', () => { heard.ended = true; }).on('error', () => {});
  });
  request.on('error', () => {});
  t.after(() => request.destroy());
  return heard;
}

test('a record that may not be read any more is told so, and nothing after it', async (t) => {
  await reload(rules());
  const [ann, bob] = [await user(t, 'ann'), await user(t, 'bob')];
  const [writing, reading] = [await open(ann, 'kept/a'), await open(bob, 'kept/a')];
  const [changes, errors] = [recorder(), recorder()];
  reading.subscribe(changes);
  reading.on('error', (message, event) => errors(`${message} of ${event}`));
  await within(writing.setWithAck({ n: 1 }), 'the write');
  await until(() => changes.calls.length === 1, 'the change');
  assert.equal(await reload(rules({ record: { 'kept/*': { read: "user.id === 'ann'" } } })), 1);
  await until(() => errors.calls.length > 0, 'the notice');
  assert.deepEqual(errors.calls, ['MESSAGE_DENIED of SUBSCRIBECREATEANDREAD']);
  await within(writing.setWithAck({ n: 2 }), 'the write');
  await settled(ann, bob);
  assert.deepEqual(json(changes.calls), [{ n: 1 }]);
});

test('a record whose content may not be read any more ends, too', async (t) => {
  await reload(rules({ record: { 'diary/*': { ...all, read: '!oldData || !oldData.secret' } } }));
  const [ann, bob] = [await user(t, 'ann'), await user(t, 'bob')];
  const [writing, reading] = [await open(ann, 'diary/a'), await open(bob, 'diary/a')];
  const [changes, errors] = [recorder(), recorder()];
  reading.subscribe(changes);
  reading.on('error', (message, event) => errors(`${message} of ${event}`));
  await within(writing.setWithAck({ n: 1 }), 'the write');
  await within(writing.setWithAck({ n: 2, secret: 'x' }), 'the write');
  await until(() => errors.calls.length > 0, 'the notice');
  await settled(ann, bob);
  assert.deepEqual(json(changes.calls), [{ n: 1 }]);
});

test('events, listeners, providers and presence end, with the notices their clients know', async (t) => {
  await reload(rules());
  const [ann, bob] = [await user(t, 'ann'), await user(t, 'bob')];
  const [heard, asked, called, seen] = [recorder(), recorder(), recorder(), recorder()];
  bob.event.subscribe('news', heard);
  bob.event.listen('ev/.*', asked);
  bob.record.listen('rec/.*', asked);
  bob.rpc.provide('add', (data, response) => { called(data); response.send('done'); });
  bob.presence.subscribe('carl', seen);
  await settled(bob);
  ann.event.emit('news', 1);
  await until(() => heard.calls.length === 1, 'the event');
  assert.equal(await within(ann.rpc.make('add', 1), 'the call'), 'done');
  const bobs = { record: { 'rec/*': { listen: "user.id !== 'bob'" } }, event: { news: { subscribe: "user.id !== 'bob'" }, 'ev/*': { listen: false } }, rpc: { add: { provide: false } }, presence: { carl: { allow: false } } };
  assert.equal(await reload(rules(bobs)), 5);
  await until(() => bob.errors.filter((error) => error.event === 'MESSAGE_DENIED').length >= 2, 'the denials');
  ann.event.emit('news', 2);
  assert.equal(await rejection(within(ann.rpc.make('add', 2), 'the call')), 'NO_RPC_PROVIDER');
  ann.event.subscribe('ev/x', () => {});
  await open(ann, 'rec/x');
  await user(t, 'carl');
  await settled(ann, bob);
  assert.deepEqual([heard.calls, asked.calls, called.calls, seen.calls], [[1], [], [1], []]);
});

test('subscriptions, streams and Server-Sent Events end with FORBIDDEN', async (t) => {
  await reload(rules());
  const [ann, bob] = [await documents(t, 'ann'), await documents(t, 'bob')];
  const { subscriptionId } = await bob.subscribe('sync.paper.updated');
  bob.say({ type: 'stream', ref: 'st', collection: 'paper', name: 'bobs' });
  const { streamId } = await bob.expect({ type: 'streaming' });
  const topics = events(t, 'bob', '/api/sync/stream?topic=sync.paper.updated');
  const changes = events(t, 'bob', '/api/streams/paper');
  await until(() => /subscribed/.test(topics.text) && /streaming/.test(changes.text), 'both to begin');
  await ann.done('create', { service: 'paper', id: 'a', data: { mark: 'first' } });
  await bob.expect({ type: 'event' });
  await bob.expect({ type: 'change', streamId });
  await until(() => /first/.test(topics.text) && /first/.test(changes.text), 'both events');
  await reload(rules({ record: { 'paper/*': { read: "user.id === 'ann'" } } }));
  assert.equal((await bob.expect({ type: 'error', subscriptionId })).code, 'FORBIDDEN');
  assert.equal((await bob.expect({ type: 'error', streamId })).code, 'FORBIDDEN');
  await bob.expect({ type: 'stopped', streamId });
  await until(() => topics.ended && changes.ended, 'the ends');
  for (const each of [topics, changes]) assert.match(each.text, /event: problem\ndata: .*FORBIDDEN/);
  await ann.done('replace', { service: 'paper', id: 'a', data: { mark: 'second' } });
  await bob.settled();
  assert.doesNotMatch(JSON.stringify(bob.frames) + topics.text + changes.text, /second/);
  await reload(rules());
  bob.say({ type: 'stream', ref: 'st2', collection: 'paper', name: 'bobs' });
  const again = { type: 'change', streamId: (await bob.expect({ type: 'streaming', ref: 'st2' })).streamId };
  // The name has kept its place: what was not acknowledged comes once more, and then what was missed.
  assert.equal((await bob.expect(again)).event.created.mark, 'first');
  assert.equal((await bob.expect(again)).event.after.mark, 'second');
});

test('rows come into view and go out of it, and what is not seen is not told', async (t) => {
  await reload(rules({ more: {
    sync: { '*': { create: true, read: false, update: true, delete: true }, row: { read: 'data.owner === user.id', list: true, subscribe: true } },
    stream: { '*': { stream: false }, row: { stream: true, name: 'name.startsWith(user.id)', row: 'data.owner === user.id' } },
  } }));
  const [ann, bob] = [await documents(t, 'ann'), await documents(t, 'bob')];
  await bob.subscribe('sync.row.updated', { returnMode: 'both', snapshot: true });
  bob.say({ type: 'stream', ref: 'st', collection: 'row', name: 'bob-1' });
  await bob.expect({ type: 'streaming' });
  bob.say({ type: 'stream', ref: 'other', collection: 'row', name: 'ann-1' });
  assert.equal((await bob.expect({ type: 'error', ref: 'other' })).code, 'FORBIDDEN');
  const put = (op, data, more) => ann.sync(op, { service: 'row', id: 'a', data, ...more });
  await put('create', { owner: 'ann', mark: 'hidden1' });
  await put('replace', { owner: 'bob', mark: 'shown' });
  const entering = await bob.event();
  assert.deepEqual([entering.metadata.resync, entering.payload.data.mark, entering.payload.diff], [true, 'shown', { added: {}, removed: {}, changed: {} }]);
  assert.deepEqual((await bob.expect({ type: 'change' })).event.created, { owner: 'bob', mark: 'shown', id: 'a' });
  assert.equal((await bob.done('get', { service: 'row', id: 'a' })).data.mark, 'shown');
  const blind = await ann.sync('merge', { service: 'row', id: 'a', data: { more: 1 } });
  assert.equal(blind.document.data, null, 'whoever may write and not read is not told what it is now');
  assert.equal((await bob.event()).payload.data.more, 1);
  await bob.expect({ type: 'change' });
  const conflict = await put('replace', { owner: 'ann' }, { expectedRevision: 1, returnCurrent: true });
  assert.equal(conflict.code, 'REVISION_CONFLICT');
  assert.doesNotMatch(JSON.stringify(conflict), /shown/);
  await put('replace', { owner: 'ann', mark: 'hidden2' });
  const leaving = await bob.event();
  assert.equal(leaving.metadata.match, 'left');
  assert.equal(leaving.payload.data, undefined);
  assert.equal((await bob.expect({ type: 'change' })).event.deleted.mark, 'shown');
  assert.equal((await bob.refused('get', { service: 'row', id: 'a' })).code, 'FORBIDDEN');
  assert.deepEqual((await bob.sync('list', { service: 'row' })).documents, []);
  await put('delete');
  await bob.settled();
  assert.doesNotMatch(JSON.stringify(bob.frames), /hidden/);
});

test('roles stand for what a client, a service and an admin may do', async (t) => {
  await reload(rules({ more: { roles: { admin: "user.data.role === 'admin'", service: "user.data.role === 'service'", client: true } } }));
  const [guest, service] = [await documents(t, 'guest'), await documents(t, 'svc', { role: 'service' })];
  await service.done('create', { service: 'roles', id: 'a', data: { n: 1 } });
  assert.equal((await guest.refused('merge', { service: 'roles', id: 'a', data: {} })).code, 'FORBIDDEN');
  assert.deepEqual((await guest.done('get', { service: 'roles', id: 'a' })).data, { n: 1 });
  await guest.subscribe('sync.roles.updated');
  await service.done('merge', { service: 'roles', id: 'a', data: { n: 2 } });
  assert.equal((await guest.event()).payload.data.n, 2);
});
