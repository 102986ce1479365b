// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The HTTP API's events, RPC and presence, with npm clients on the other side; switches and time-outs of the API.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, recorder, unique, until, untilEqual, within } from './clients.mjs';
import { ask, batch, send } from './http.mjs';
import { Server, serverForThisFile } from './server.mjs';

const server = await serverForThisFile({
  deepstream: { rpc: { acceptTimeout: '4s', responseTimeout: '4s' } },
  http: { requestTimeout: '20s' },
});
const emit = (eventName, more) => ({ topic: 'event', action: 'emit', eventName, ...more });
const make = (rpcName, more) => ({ topic: 'rpc', action: 'make', rpcName, ...more });

async function login(t, username) {
  const made = client(t, server.url);
  await within(made.login({ username }), 'the login');
  return made;
}

test('an event reaches every subscriber, with its data, with null and with none', async (t) => {
  const name = unique();
  const [a, b] = [await connect(t, server), await connect(t, server)];
  const [seenByA, seenByB] = [recorder(), recorder()];
  a.event.subscribe(name, seenByA);
  b.event.subscribe(name, seenByB);
  await until(async () => {
    await ask(server, emit(name, { data: 'ready' }));
    return seenByA.calls.length > 0 && seenByB.calls.length > 0;
  }, 'the subscriptions');
  const [beforeA, beforeB] = [seenByA.calls.length, seenByB.calls.length];
  const answer = await batch(server, [emit(name, { data: { n: [1] } }), emit(name, { data: null }), emit(name)]);
  assert.deepEqual(answer.json, { result: 'SUCCESS', body: [{ success: true }, { success: true }, { success: true }] });
  await untilEqual(() => seenByA.calls.slice(beforeA), [{ n: [1] }, null, undefined]);
  await untilEqual(() => seenByB.calls.slice(beforeB), [{ n: [1] }, null, undefined]);
});

test('an event that cannot be is an error of its message', async () => {
  const result = await ask(server, emit('x'.repeat(600)));
  assert.deepEqual({ ...result, error: '' }, { success: false, error: '', errorTopic: 'event', errorEvent: 'INVALID_NAME', errorAction: 'emit' });
});

test('a procedure is called, with its answer, its error and without data', async (t) => {
  const a = await connect(t, server);
  const [add, fail, nothing] = [unique('add'), unique('fail'), unique('nothing')];
  a.rpc.provide(add, ({ x, y }, response) => response.send(x + y));
  a.rpc.provide(fail, (data, response) => response.error('went wrong'));
  a.rpc.provide(nothing, (data, response) => response.send());
  await until(async () => (await ask(server, make(nothing))).success, 'the providers');
  assert.deepEqual(await ask(server, make(add, { data: { x: 1, y: 2 } })), { success: true, data: 3 });
  assert.deepEqual(await ask(server, make(fail)), { success: false, error: 'went wrong', errorTopic: 'rpc', errorEvent: 7 });
  const many = await batch(server, Array.from({ length: 100 }, (_, n) => make(add, { data: { x: n, y: n } })));
  assert.deepEqual(many.json.body.map(({ data }) => data), Array.from({ length: 100 }, (_, n) => 2 * n));
});

test('a procedure nobody provides, or everybody rejects, has no provider', async (t) => {
  const missing = unique();
  assert.deepEqual(await ask(server, make(missing)), {
    success: false, error: `No provider was available to handle the RPC "${missing}".`, errorTopic: 'rpc', errorEvent: 100,
  });
  const a = await connect(t, server);
  const name = unique();
  const asked = recorder();
  a.rpc.provide(name, (data, response) => {
    asked(data);
    response.reject();
  });
  await until(async () => {
    assert.equal((await ask(server, make(name, { data: 1 }))).errorEvent, 100);
    return asked.calls.length > 0;
  }, 'the provider');
});

test('a provider that does not answer in time is said to', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const asked = recorder();
  a.rpc.provide(name, (data, response) => {
    response.accept();
    asked(data);
  });
  let result;
  await until(async () => {
    result = await ask(server, make(name, { data: 1 }));
    return asked.calls.length > 0;
  }, 'the provider');
  assert.deepEqual(result, {
    success: false, error: 'The RPC response timeout was exceeded by the provider.', errorTopic: 'rpc', errorEvent: 104,
  });
});

test('who is there: everybody but the caller itself, or those who are asked for', async (t) => {
  await login(t, 'bert');
  await login(t, 'cara');
  const all = { topic: 'presence', action: 'query' };
  await untilEqual(async () => (await ask(server, all, { authData: { username: 'nobody' } })).users, ['bert', 'cara']);
  assert.deepEqual(await ask(server, all, { authData: { username: 'bert' } }), { success: true, users: ['cara'] });
  assert.deepEqual(await ask(server, { ...all, names: ['bert', 'dora'] }), { success: true, users: { bert: true, dora: false } });
  assert.deepEqual(await ask(server, { ...all, names: [] }), { success: true, users: {} });
  assert.deepEqual((await ask(server, all, { authData: { username: 'dora' } })).users, ['bert', 'cara'], 'callers over HTTP are not there');
});

test('a request is answered when its time is over, with what there is', async (t) => {
  const patient = new Server({ deepstream: { features: { presence: false }, rpc: { acceptTimeout: '30s', responseTimeout: '60s' } }, http: { requestTimeout: '300ms', authEndpoint: false, authData: false } });
  t.after(() => patient.dispose());
  await patient.start();
  const a = await connect(t, patient);
  const name = unique();
  const asked = recorder();
  a.rpc.provide(name, (data, response) => {
    response.accept();
    asked(data);
  });
  let answer;
  await until(async () => {
    answer = await batch(patient, [{ topic: 'record', action: 'head', recordName: 'x' }, make(name, { data: 1 })]);
    return asked.calls.length > 0;
  }, 'the provider');
  assert.deepEqual(answer.json, {
    result: 'PARTIAL_SUCCESS',
    body: [
      { success: true, version: -1 },
      { success: false, error: 'Request exceeded timeout before a response was received.', errorTopic: 'connection', errorEvent: 'HTTP_REQUEST_TIMEOUT' },
    ],
  });
  // What is switched off.
  const head = [{ topic: 'record', action: 'head', recordName: 'x' }];
  const withData = await batch(patient, head, { authData: {} });
  assert.deepEqual([withData.status, withData.text.trim()], [400, 'Authentication using authData is disabled. Try using a token instead.']);
  assert.equal((await batch(patient, head)).status, 200);
  assert.equal((await send(patient, 'POST', '/api/auth', { body: { username: 'x' } })).status, 400, 'a request to /api like any other');
  const query = await batch(patient, [{ topic: 'presence', action: 'query' }]);
  assert.deepEqual([query.status, query.text.trim()], [400, "Failed to parse JIF object at index 0. Reason: topic 'presence' is switched off on this server"]);
  a.close();
  await until(() => a.getConnectionState() === 'CLOSED', 'the close');
});
