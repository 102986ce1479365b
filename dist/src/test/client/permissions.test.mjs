// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Permissions in the format of deepstream's Valve: what the npm client is told when something is denied, that nothing
// comes through, bulk forms with allowed and denied names, and rules that change while the server runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { client, json, open, recorder, rejection, settled, until, within } from './clients.mjs';
import { ask, send } from './http.mjs';
import { EVENT, RECORD, RPC, Session, TOPIC } from './raw.mjs';
import { Server } from './server.mjs';
import { SyncSession } from './sync.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');
const token = 'an-admin-token-for-tests';
const authorized = { Authorization: `Bearer ${token}` };
const DENIED = ['MESSAGE_DENIED'];

const all = { create: true, write: true, read: true, delete: true, listen: true, notify: true };
const none = Object.fromEntries(Object.keys(all).map((kind) => [kind, false]));
const rules = () => ({
  record: {
    '*': all,
    'closed/*': none,
    'unreadable/*': { read: false },
    'uncreatable/*': { create: false },
    'readonly/*': { write: false, delete: false },
    'own/$owner/*': { read: 'user.id === $owner', write: 'user.id === $owner' },
    'rising/*': { write: '!oldData.value || data.value > oldData.value' },
    'broken/*': { write: 'data.none.more' },
    'members/*': { read: "_('roster/' + user.id).member === true" },
    'unnotified/*': { notify: false },
    'old/*': { read: 'oldData.open === true' },
    'switch/*': { read: true, write: false },
  },
  event: {
    '*': { publish: true, subscribe: true, listen: true },
    'closed/*': { publish: false, subscribe: false, listen: false },
    'short/*': { publish: 'data.length < 6' },
  },
  rpc: {
    '*': { provide: true, request: true },
    'closed/*': { request: false },
    'unprovided/*': { provide: false },
    'adults/*': { request: 'data.age >= 18' },
  },
  presence: { '*': { allow: true }, boss: { allow: "user.id === 'ann'" } },
});

const server = new Server({ permissions: 'permissions.yml', admin: { token } });
const file = path.join(server.home, 'permissions.yml');
const write = (content) => writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
write(rules());
after(() => server.dispose());
await server.start();

const reload = () => send(server, 'POST', '/admin/permissions/reload', { headers: authorized });

/// A client of this user; its errors may be of these kinds.
async function user(t, username, expecting = []) {
  const made = client(t, server.url, { expecting, subscriptionInterval: 0 });
  await within(made.login({ username }), 'the login');
  return made;
}

/// What the administrator sees; undefined for nothing.
async function stored(name) {
  const answer = await send(server, 'GET', `/admin/records/${encodeURIComponent(name)}`, { headers: authorized });
  return answer.status === 404 ? undefined : answer.json.data;
}

async function put(name, data) {
  const answer = await send(server, 'PUT', `/admin/records/${encodeURIComponent(name)}`, { headers: authorized, body: data });
  assert.equal(answer.status, 200, answer.text);
}

/// The error a record object of the client emits.
function failure(made, name) {
  return within(new Promise((resolve) => {
    made.record.getRecord(name).on('error', (message, event) => resolve(`${message} of ${event}`));
  }), `an error of ${name}`);
}

/// The next error event of the client with this name.
function denied(made, event) {
  return until(() => made.errors.find((error) => error.event === event), `${event}, among ${JSON.stringify(made.errors)}`);
}

test('a record that may not be read or created is an error of the record, and is not made', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  for (const name of ['closed/a', 'unreadable/a', 'uncreatable/a']) {
    assert.equal(await failure(ann, name), 'MESSAGE_DENIED of SUBSCRIBECREATEANDREAD', name);
    assert.equal(await stored(name), undefined, `${name} was made`);
  }
  await put('uncreatable/b', { there: 1 });
  assert.deepEqual(json((await open(ann, 'uncreatable/b')).get()), { there: 1 }, 'it need not be created');
});

test('snapshot, has and head of what may not be read are refused', async (t) => {
  const ann = await user(t, 'ann');
  await put('closed/read', { secret: 1 });
  for (const call of ['snapshot', 'has', 'head']) {
    assert.match(String(await rejection(within(ann.record[call]('closed/read'), call))), /MESSAGE_DENIED/, call);
  }
});

test('a write that is not allowed is refused and changes nothing, for nobody', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  const bob = await user(t, 'bob');
  const name = 'readonly/write';
  await put(name, { value: 1 });
  const [writing, reading] = [await open(ann, name), await open(bob, name)];
  const changes = recorder();
  reading.subscribe(changes);
  assert.match(String(await rejection(within(writing.setWithAck('value', 2), 'the refusal'))), /MESSAGE_DENIED/);
  assert.match(String(await rejection(within(ann.record.setDataWithAck('readonly/other', { a: 1 }), 'the refusal'))), /MESSAGE_DENIED/);
  await settled(ann, bob);
  assert.deepEqual(changes.calls, []);
  assert.deepEqual(await stored(name), { value: 1 });
  assert.equal(await stored('readonly/other'), undefined);
});

test('deleting what may not be deleted is refused', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  await put('readonly/delete', { value: 1 });
  const record = await open(ann, 'readonly/delete');
  assert.match(String(await rejection(within(record.delete(), 'the refusal'))), /MESSAGE_DENIED/);
  assert.deepEqual(await stored('readonly/delete'), { value: 1 });
});

test('rules see the user, variables of the path, the new data and the old', async (t) => {
  const ann = await user(t, 'ann', [...DENIED, 'MESSAGE_PERMISSION_ERROR']);
  const own = await open(ann, 'own/ann/notes');
  await within(own.setWithAck({ text: 'mine' }), 'the write');
  assert.match(String(await failure(ann, 'own/bob/notes')), /MESSAGE_DENIED/);
  const rising = await open(ann, 'rising/a');
  await within(rising.setWithAck({ value: 1 }), 'the first');
  await within(rising.setWithAck('value', 2), 'the second');
  await rejection(within(rising.setWithAck('value', 2.5 - 1), 'the refusal'));
  assert.deepEqual(await stored('rising/a'), { value: 2 });
});

test('a rule that cannot be evaluated is an error of its own, and the same as no', async (t) => {
  const a = await Session.login(t, server, { auth: { username: 'ann' } });
  a.record(RECORD.CREATEANDUPDATE, { name: 'broken/a', version: -1, value: { a: 1 }, isWriteAck: true, correlationId: '7' });
  const refusal = await a.findRefusal(RECORD.CREATEANDUPDATE, 'broken/a');
  assert.equal(refusal.action, 114, 'MESSAGE_PERMISSION_ERROR');
  assert.equal(refusal.correlationId, '7');
  assert.doesNotMatch(refusal.data, /none|more/, 'the text is for the log');
  assert.equal(await stored('broken/a'), undefined);
});

test('a cross reference decides, and what it refers to counts as it is now', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  await put('members/list', { secret: 1 });
  await put('roster/ann', { member: false });
  assert.match(String(await rejection(within(ann.record.snapshot('members/list'), 'it'))), /MESSAGE_DENIED/);
  await put('roster/ann', { member: true });
  assert.deepEqual(json(await within(ann.record.snapshot('members/list'), 'it')), { secret: 1 });
});

test('listening, events and calls that are not allowed are denied', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  const bob = await user(t, 'bob', DENIED);
  const heard = recorder();
  bob.event.subscribe('closed/event', heard);
  await denied(bob, 'MESSAGE_DENIED');
  bob.event.subscribe('short/event', heard);
  await settled(bob);
  ann.event.emit('closed/event', 'secret');
  await denied(ann, 'MESSAGE_DENIED');
  ann.event.emit('short/event', 'too long');
  ann.event.emit('short/event', 'short');
  await until(() => heard.calls.length > 0, 'the event');
  assert.deepEqual(heard.calls, ['short']);
  const asked = recorder();
  const before = ann.errors.length;
  ann.event.listen('closed/.*', asked);
  ann.record.listen('closed/.*', asked);
  await until(() => ann.errors.length >= before + 2, 'two denials');
  assert.deepEqual(asked.calls, []);
});

test('calls that may not be made are rejected and reach no provider', async (t) => {
  const ann = await user(t, 'ann');
  const bob = await user(t, 'bob', DENIED);
  const asked = recorder();
  for (const name of ['closed/call', 'adults/call']) bob.rpc.provide(name, (data, response) => { asked(data); response.send('done'); });
  await settled(bob);
  assert.equal(await rejection(within(ann.rpc.make('closed/call', 1), 'the call')), 'MESSAGE_DENIED');
  assert.equal(await rejection(within(ann.rpc.make('adults/call', { age: 17 }), 'the call')), 'MESSAGE_DENIED');
  assert.equal(await within(ann.rpc.make('adults/call', { age: '18' }), 'the call'), 'done');
  assert.deepEqual(json(asked.calls), [{ age: '18' }]);
  bob.rpc.provide('unprovided/call', (_, response) => response.send('never'));
  await denied(bob, 'MESSAGE_DENIED');
  assert.equal(await rejection(within(ann.rpc.make('unprovided/call', 1), 'the call')), 'NO_RPC_PROVIDER');
});

test('presence that may not be seen is not told', async (t) => {
  const ann = await user(t, 'ann');
  const bob = await user(t, 'bob', DENIED);
  const seen = recorder();
  bob.presence.subscribe('boss', seen);
  await denied(bob, 'MESSAGE_DENIED');
  const seenByAnn = recorder();
  ann.presence.subscribe('boss', seenByAnn);
  await settled(ann, bob);
  await user(t, 'boss');
  await until(() => seenByAnn.calls.length > 0, 'the boss to be seen');
  await settled(bob);
  assert.deepEqual(seen.calls, []);
  assert.match(String(await rejection(within(bob.presence.getAll(['boss']), 'the answer'))), /MESSAGE_DENIED/);
  assert.ok((await within(bob.presence.getAll(), 'all')).includes('ann'));
});

test('of a bulk subscription the denied names are refused one by one, and only the allowed ones count', async (t) => {
  const a = await Session.login(t, server, { auth: { username: 'ann' } });
  const b = await Session.login(t, server, { auth: { username: 'bob' } });
  for (const name of ['bulk/1', 'closed/bulk', 'bulk/2', 'own/bob/bulk']) await put(name, { n: name });
  const names = ['closed/bulk', 'bulk/1', 'own/bob/bulk', 'bulk/2'];
  a.record(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '1' });
  for (const name of ['closed/bulk', 'own/bob/bulk']) {
    const refusal = await a.findRefusal(RECORD.SUBSCRIBECREATEANDREAD, name);
    assert.equal(refusal.action, RECORD.MESSAGE_DENIED);
    assert.doesNotMatch(JSON.stringify(refusal), /"n"/);
  }
  for (const name of ['bulk/1', 'bulk/2']) assert.deepEqual((await a.findRecord(RECORD.READ_RESPONSE, { name })).data, { n: name });
  for (const name of names) await put(name, { n: 'new' });
  for (const name of ['bulk/1', 'bulk/2']) await a.findRecord(RECORD.UPDATE, { name });
  a.inbox = a.inbox.filter((frame) => frame.isError || !frame.isAck);
  await a.silent();

  b.send(TOPIC.EVENT, { action: EVENT.SUBSCRIBE, names: ['closed/e', 'bulk/e'], correlationId: '2' });
  await b.find((m) => m.topic === TOPIC.EVENT && m.action === EVENT.MESSAGE_DENIED && m.name === 'closed/e');
  b.send(TOPIC.RPC, { action: RPC.PROVIDE, names: ['unprovided/r', 'bulk/r'], correlationId: '3' });
  await b.find((m) => m.topic === TOPIC.RPC && m.action === RPC.MESSAGE_DENIED && m.name === 'unprovided/r');
  await b.head('bulk/1');
  a.send(TOPIC.EVENT, { action: EVENT.EMIT, name: 'bulk/e', data: '1' });
  const event = await b.find((m) => m.topic === TOPIC.EVENT && m.action === EVENT.EMIT);
  assert.equal(event.name, 'bulk/e');
});

test('notify of several names refuses those that may not be notified', async (t) => {
  const a = await Session.login(t, server, { auth: { username: 'ann' } });
  a.record(RECORD.NOTIFY, { names: ['unnotified/a', 'bulk/n'], correlationId: '9' });
  const refusal = await a.findRefusal(RECORD.NOTIFY, 'unnotified/a');
  assert.equal(refusal.action, RECORD.MESSAGE_DENIED);
  assert.deepEqual((await a.findRecord(RECORD.NOTIFY, { isAck: true })).names, ['bulk/n']);
  a.record(RECORD.NOTIFY, { names: ['unnotified/a'], correlationId: '10' });
  await a.findRefusal(RECORD.NOTIFY, 'unnotified/a');
  await a.silent();
});

test('the same rules hold at the other doors', async (t) => {
  await put('closed/doors', { secret: 1 });
  await put('old/yes', { open: true });
  await put('old/no', { open: false });
  const read = (recordName) => ask(server, { topic: 'record', action: 'read', recordName });
  assert.equal((await read('closed/doors')).success, false);
  assert.equal((await read('old/yes')).success, true);
  const get = async (document) => (await send(server, 'GET', `/api/sync/${document}`)).status;
  assert.equal(await get('closed/documents/doors'), 403);
  assert.equal(await get('closed/documents'), 403, 'as a whole');
  assert.equal(await get('old/documents/yes'), 200);
  assert.equal(await get('old/documents/no'), 403);
  assert.equal(await get('old/documents'), 403, 'not each of them may be read');
  assert.equal(await get('switch/documents'), 200);
  const session = await SyncSession.open(t, server);
  session.say({ type: 'get', ref: '1', service: 'closed', id: 'doors' });
  const answer = await session.expect({ ref: '1' });
  assert.doesNotMatch(JSON.stringify(answer), /secret/);
});

test('new rules hold at once, bad ones change nothing, and both are told', async (t) => {
  const ann = await user(t, 'ann', DENIED);
  await put('switch/a', { value: 1 });
  // Not through an open record: after a refusal the client's copy is a version ahead.
  const set = (value) => within(ann.record.setDataWithAck('switch/a', 'value', value), 'the answer');
  assert.match(String(await rejection(set(2))), /MESSAGE_DENIED/);
  const open1 = rules();
  open1.record['switch/*'].write = true;
  write(open1);
  assert.equal((await reload()).status, 200);
  await set(3);
  assert.deepEqual(await stored('switch/a'), { value: 3 });

  const bad = rules();
  bad.record['switch/*'].write = 'usr.id';
  write(bad);
  const refused = await reload();
  assert.equal(refused.status, 400);
  assert.match(refused.json.message, /rules before stay.*permissions\.yml line 1: record "switch\/\*" write: the rule uses usr/s);
  await set(4);

  const done = spawnSync(command, ['permissions', 'check', file], { encoding: 'utf8' });
  assert.equal(done.status, 2, done.stdout);
  assert.match(done.stderr, /uses usr, which is no variable here/);

  write(rules());
  await until(async () => {
    const outcome = await set(Math.random()).catch((error) => String(error));
    return /MESSAGE_DENIED/.test(String(outcome));
  }, 'the changed file to be noticed');
  const told = spawnSync(command, ['permissions', 'reload', '--url', `http://127.0.0.1:${server.port}`, '--token', token], { encoding: 'utf8' });
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, /rules in effect: \d+/);
});

test('only who has the admin token may have the rules read', async () => {
  assert.equal((await send(server, 'POST', '/admin/permissions/reload')).status, 401);
});
