// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What deepstream's own suite does with permissions: sixty scenarios under a rule file that allows everything and one
// that does not, switched while clients are connected.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { send } from './http.mjs';
import { EVENT, PRESENCE, RECORD, RPC, Session, TOPIC } from './raw.mjs';
import { Server } from './server.mjs';

const token = 'an-admin-token-for-tests';
const authorized = { Authorization: `Bearer ${token}` };
const everything = {
  record: { create: true, write: true, read: true, delete: true, listen: true, notify: true },
  event: { publish: true, subscribe: true, listen: true },
  rpc: { provide: true, request: true },
  presence: { allow: true },
};
const each = (rules) => Object.fromEntries(Object.entries(everything).map(([section, kinds]) => [section, { '*': kinds, ...rules[section] }]));
const admins = (kinds) => Object.fromEntries(Object.keys(kinds).map((kind) => [kind, "user.id === 'B'"]));
const files = {
  open: each({}),
  complex: each({
    record: {
      'private/*': admins(everything.record),
      'own/$user/*': { read: 'user.id === $user', write: 'user.id === $user' },
      'number/*': { write: 'data.value > 10' },
      'rising/*': { write: 'oldData && data.value > oldData.value' },
      'owned/*': { write: '!oldData || oldData.owner === user.id', delete: 'oldData.owner === user.id' },
      'ref/*': { read: "_('lookup/' + user.id).allowed", write: "_('lookup/' + user.id).allowed" },
      'throws/*': { write: 'oldData.missing.more', read: true },
    },
    event: { 'private/*': admins(everything.event), 'number/*': { publish: 'data.value > 10' }, 'flag/*': { publish: 'data.flag' } },
    rpc: { 'private/*': admins(everything.rpc), 'number/*': { request: 'data.value > 10' } },
    presence: { B: { allow: "user.id === 'B'" } },
  }),
};

const server = new Server({ permissions: 'permissions.yml', admin: { token }, durability: 'memory' });
const use = async (name) => {
  writeFileSync(path.join(server.home, 'permissions.yml'), JSON.stringify(files[name]));
  if (server.running) assert.equal((await send(server, 'POST', '/admin/permissions/reload', { headers: authorized })).status, 200);
};
await use('open');
after(() => server.dispose());
await server.start();

async function put(name, data) {
  const answer = await send(server, 'PUT', `/admin/records/${encodeURIComponent(name)}`, { headers: authorized, body: data });
  assert.equal(answer.status, 200, answer.text);
}

const written = (action, data) => (name) => [TOPIC.RECORD, { action, name, version: -1, data: JSON.stringify(data), isWriteAck: true, correlationId: '1' }];
const named = (topic, action) => (name) => [topic, { action, names: [name], correlationId: '1' }];
const single = (topic, action, more = {}) => (name) => [topic, { action, name, correlationId: '1', ...more }];
const writes = (data) => written(RECORD.CREATEANDUPDATE, data);
const emits = (data) => single(TOPIC.EVENT, EVENT.EMIT, { data: JSON.stringify(data), correlationId: undefined });
const calls = (data) => single(TOPIC.RPC, RPC.REQUEST, { data: JSON.stringify(data) });
const actions = {
  'opens a record': named(TOPIC.RECORD, RECORD.SUBSCRIBECREATEANDREAD),
  'reads a record': single(TOPIC.RECORD, RECORD.READ),
  'asks for the version of a record': single(TOPIC.RECORD, RECORD.HEAD),
  'writes a record': writes({ value: 1 }),
  'patches a record': (name) => [TOPIC.RECORD, { action: RECORD.CREATEANDPATCH, name, version: -1, path: 'value', data: '12', isWriteAck: true, correlationId: '1' }],
  'deletes a record': single(TOPIC.RECORD, RECORD.DELETE),
  'listens to records': single(TOPIC.RECORD, RECORD.LISTEN),
  'emits an event': emits({ value: 1 }),
  'subscribes to an event': named(TOPIC.EVENT, EVENT.SUBSCRIBE),
  'listens to events': single(TOPIC.EVENT, EVENT.LISTEN),
  'provides a procedure': named(TOPIC.RPC, RPC.PROVIDE),
  'makes a call': calls({ value: 1 }),
};

/// Who does what under which name, and what the complex file says: yes, no, or that it cannot say. The open one allows
/// everything.
const scenarios = [
  ...Object.keys(actions).flatMap((what) => [['A', what, 'private/a', 'denied'], ['B', what, 'private/a', 'allowed']]),
  ['A', 'opens a record', 'own/A/x', 'allowed'],
  ['A', 'opens a record', 'own/B/x', 'denied'],
  ['A', 'writes a record', 'own/B/x', 'denied'],
  ['A', 'patches a record', 'number/x', 'allowed'],
  ['A', 'writes a record', 'number/x', 'denied'],
  ['A', 'patches a record', 'rising/there', 'allowed'],
  ['A', 'writes a record', 'rising/there', 'denied'],
  ['A', 'writes a record', 'rising/missing', 'denied'],
  ['A', 'writes a record', 'owned/A', 'allowed'],
  ['A', 'writes a record', 'owned/B', 'denied'],
  ['A', 'writes a record', 'owned/nobody', 'allowed'],
  ['A', 'deletes a record', 'owned/B', 'denied'],
  ['A', 'deletes a record', 'owned/A', 'allowed'],
  ['A', 'reads a record', 'ref/x', 'allowed'],
  ['B', 'reads a record', 'ref/x', 'denied'],
  ['B', 'writes a record', 'ref/x', 'denied'],
  ['C', 'reads a record', 'ref/x', 'error'],
  ['A', 'writes a record', 'throws/x', 'error'],
  ['A', ['emits an event with 12', emits({ value: 12 })], 'number/e', 'allowed'],
  ['A', ["emits an event with '12'", emits({ value: '12' })], 'number/e', 'allowed'],
  ['A', ['emits an event with 9', emits({ value: 9 })], 'number/e', 'denied'],
  ['A', ['emits an event without it', emits({})], 'number/e', 'denied'],
  ['A', ['emits an event with a flag', emits({ flag: true })], 'flag/e', 'allowed'],
  ['A', ['emits an event without a flag', emits({})], 'flag/e', 'denied'],
  ['A', ['makes a call with 11', calls({ value: 11 })], 'number/r', 'allowed'],
  ['A', ['makes a call with 10', calls({ value: 10 })], 'number/r', 'denied'],
  ['A', ['asks for B', named(TOPIC.PRESENCE, PRESENCE.QUERY)], 'B', 'denied'],
  ['B', ['asks for B', named(TOPIC.PRESENCE, PRESENCE.QUERY)], 'B', 'allowed'],
  ['A', ['asks for A', named(TOPIC.PRESENCE, PRESENCE.QUERY)], 'A', 'allowed'],
  ['A', ['watches B', named(TOPIC.PRESENCE, PRESENCE.SUBSCRIBE)], 'B', 'denied'],
  ['B', ['watches B', named(TOPIC.PRESENCE, PRESENCE.SUBSCRIBE)], 'B', 'allowed'],
  ['A', ['notifies', named(TOPIC.RECORD, RECORD.NOTIFY)], 'private/a', 'denied'],
  ['B', ['notifies', named(TOPIC.RECORD, RECORD.NOTIFY)], 'private/a', 'allowed'],
  ['A', ['opens records', (name) => [TOPIC.RECORD, { action: RECORD.SUBSCRIBEANDREAD, names: [name], correlationId: '1' }]], 'private/a', 'denied'],
  ['A', ['asks for versions', (name) => [TOPIC.RECORD, { action: RECORD.SUBSCRIBEANDHEAD, names: [name], correlationId: '1' }]], 'private/a', 'denied'],
  ['A', ['erases a member', (name) => [TOPIC.RECORD, { action: RECORD.ERASE, name, version: -1, path: 'value', isWriteAck: true, correlationId: '1' }]], 'private/a', 'denied'],
];

const DENIALS = { [TOPIC.RECORD]: [115, 114], [TOPIC.EVENT]: [104, 103], [TOPIC.RPC]: [107, 106], [TOPIC.PRESENCE]: [102, 101] };

async function outcome(t, user, make, name) {
  for (const [there, data] of [['private/a', { value: 0 }], ['own/A/x', {}], ['own/B/x', {}], ['rising/there', { value: 5 }], ['owned/A', { owner: 'A' }],
    ['owned/B', { owner: 'B' }], ['ref/x', { value: 1 }], ['lookup/A', { allowed: true }], ['lookup/B', { allowed: false }], ['barrier', {}]]) await put(there, data);
  for (const missing of ['rising/missing', 'owned/nobody', 'lookup/C', 'throws/x', 'number/x']) {
    await send(server, 'DELETE', `/admin/records/${encodeURIComponent(missing)}`, { headers: authorized });
  }
  const session = await Session.login(t, server, { auth: { username: user } });
  const [topic, fields] = make(name);
  session.send(topic, fields);
  await session.head('barrier');
  await session.head('barrier');
  const [denied, failed] = DENIALS[topic];
  const refusal = session.inbox.find((m) => m.topic === topic && m.originalAction === fields.action && (m.action === denied || m.action === failed));
  session.socket.terminate();
  return refusal === undefined ? 'allowed' : refusal.action === denied ? 'denied' : 'error';
}

for (const [user, what, name, expected] of scenarios) {
  const [title, make] = typeof what === 'string' ? [what, actions[what]] : what;
  test(`${user} ${title}, ${name}: allowed by the open file, ${expected} by the complex one`, async (t) => {
    await use('open');
    assert.equal(await outcome(t, user, make, name), 'allowed');
    await use('complex');
    assert.equal(await outcome(t, user, make, name), expected);
  });
}

test('there are sixty of them', () => assert.equal(scenarios.length, 60));
