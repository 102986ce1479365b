// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The HTTP API beside npm clients that see, provide and publish: records, lists, notify, batches, logins.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, json, open, unique, untilEqual, within } from './clients.mjs';
import { ask, batch, send } from './http.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();
const record = (action, recordName, more) => ({ topic: 'record', action, recordName, ...more });
const list = (action, listName, more) => ({ topic: 'list', action, listName, ...more });

test('a record is written, read and asked for its version', async () => {
  const name = unique();
  assert.deepEqual(await ask(server, record('head', name)), { success: true, version: -1 });
  assert.deepEqual(await ask(server, record('write', name, { data: { a: 1 } })), { success: true });
  assert.deepEqual(await ask(server, record('read', name)), { success: true, version: 1, data: { a: 1 } });
  assert.deepEqual(await ask(server, record('head', name)), { success: true, version: 1 });
  assert.deepEqual(await ask(server, record('write', name, { data: [1, { b: 2 }] })), { success: true });
  assert.deepEqual(await ask(server, record('read', name)), { success: true, version: 2, data: [1, { b: 2 }] });
});

test('a path writes a part, of a missing record too', async () => {
  const name = unique();
  assert.deepEqual(await ask(server, record('write', name, { path: 'a.b[1]', data: 'x' })), { success: true });
  assert.deepEqual(await ask(server, record('write', name, { path: 'c', data: null })), { success: true });
  assert.deepEqual((await ask(server, record('read', name))).data, { a: { b: [null, 'x'] }, c: null });
});

test('whoever watches sees what is written, and is not needed for it', async (t) => {
  const name = unique();
  const a = await connect(t, server);
  const open1 = await open(a, name);
  await ask(server, record('write', name, { data: { n: 1 } }));
  await untilEqual(() => json(open1.get()), { n: 1 });
  await ask(server, record('write', name, { path: 'n', data: 2 }));
  await untilEqual(() => [json(open1.get()), open1.version], [{ n: 2 }, 2]);
  const deleted = new Promise((resolve) => open1.once('delete', resolve));
  await ask(server, record('delete', name));
  await deleted;
});

test('reading creates nothing; what is missing is said to be', async (t) => {
  const name = unique();
  const result = await ask(server, record('read', name));
  assert.match(result.error, /^Record read failed. Record ".*" could not be found\.$/);
  assert.deepEqual({ ...result, error: '' }, { success: false, error: '', errorTopic: 'record', errorEvent: 107 });
  const a = await connect(t, server);
  assert.equal(await a.record.has(name), false);
});

test('deleting succeeds, of a missing record too', async () => {
  const name = unique();
  assert.deepEqual(await ask(server, record('delete', name)), { success: true });
  await ask(server, record('write', name, { data: {} }));
  assert.deepEqual(await ask(server, record('delete', name)), { success: true });
  assert.deepEqual(await ask(server, record('head', name)), { success: true, version: -1 });
});

test('a version is the one that follows; -1 and 0 stand for it', async () => {
  const name = unique();
  for (const version of [undefined, -1, 0, 4]) {
    assert.deepEqual(await ask(server, record('write', name, { data: { v: version ?? null }, version })), { success: true });
  }
  for (const version of [1, 2, 3, 4]) {
    const result = await ask(server, record('write', name, { data: {}, version }));
    assert.deepEqual(result, {
      success: false, error: `Record update failed. Version 4 exists for record "${name}".`,
      errorTopic: 'record', errorEvent: 102, currentVersion: 4, currentData: { v: 4 },
    });
  }
  for (const message of [{ data: {}, version: 100 }, { path: 'v', data: 1, version: 100 }]) {
    assert.deepEqual(await ask(server, record('write', name, message)), {
      success: false, error: `Record update failed. Version 100 is not valid for record "${name}".`,
      errorTopic: 'record', errorEvent: 108, currentVersion: 4, currentData: { v: 4 },
    });
  }
});

test('a list is written, read and deleted', async (t) => {
  const name = unique();
  const a = await connect(t, server);
  const entries = await a.record.getList(name).whenReady();
  assert.deepEqual(await ask(server, list('read', name)), { success: true, version: 0, data: [] });
  assert.deepEqual(await ask(server, list('write', name, { data: ['x', 'y'] })), { success: true });
  await untilEqual(() => entries.getEntries(), ['x', 'y']);
  assert.deepEqual(await ask(server, list('read', name)), { success: true, version: 1, data: ['x', 'y'] });
  assert.equal((await ask(server, list('write', name, { data: [], version: 1 }))).errorEvent, 102);
  assert.deepEqual(await ask(server, list('write', name, { data: [], version: 2 })), { success: true });
  assert.deepEqual(await ask(server, list('delete', name)), { success: true });
  assert.equal((await ask(server, list('read', name))).errorEvent, 107);
});

test('notify is answered, whether the records exist or not', async (t) => {
  const name = unique();
  const a = await connect(t, server);
  const open1 = await open(a, name);
  await open1.setWithAck({ n: 1 });
  assert.deepEqual(await ask(server, { topic: 'record', action: 'notify', recordNames: [name, unique()] }), { success: true });
  assert.deepEqual(json(open1.get()), { n: 1 });
});

test('a batch is answered in its order, as success, partial success or failure', async () => {
  const [a, b] = [unique(), unique()];
  await ask(server, record('write', a, { data: { n: 1 } }));
  const whole = await batch(server, [record('write', unique(), { data: {} }), record('read', a), record('head', b), record('delete', b)]);
  assert.equal(whole.headers['content-type'], 'application/json');
  assert.ok(whole.text.endsWith('}\r\n\r\n'), 'as the original ends its answers');
  assert.deepEqual(whole.json, {
    result: 'SUCCESS',
    body: [{ success: true }, { success: true, version: 1, data: { n: 1 } }, { success: true, version: -1 }, { success: true }],
  });
  const part = await batch(server, [record('read', b), record('read', a)]);
  assert.deepEqual([part.json.result, part.json.body.map((each) => each.success)], ['PARTIAL_SUCCESS', [false, true]]);
  const none = await batch(server, [record('read', b), record('read', b)]);
  assert.deepEqual([none.status, none.json.result], [200, 'FAILURE']);
});

test('messages of a batch are worked on in order, thousands too', async () => {
  const name = unique();
  const messages = Array.from({ length: 5000 }, (_, n) => record('write', name, { data: { n }, version: n + 1 }));
  const answer = await batch(server, messages);
  assert.equal(answer.json.result, 'SUCCESS');
  assert.deepEqual(await ask(server, record('read', name)), { success: true, version: 5000, data: { n: 4999 } });
});

test('numbers stay exact', async () => {
  const name = unique();
  const data = '{"big":123456789012345678901,"small":0.1000000000000000055511}';
  await send(server, 'POST', '/api', { raw: true, body: `{"body":[{"topic":"record","action":"write","recordName":"${name}","data":${data}}]}` });
  assert.ok((await batch(server, [record('read', name)])).text.includes(data));
});

test('anything below /api is /api, GET is not served, other methods are refused', async () => {
  const body = { body: [record('head', unique())] };
  for (const path of ['/api', '/api/', '/api/v1', '/api?x=y']) {
    assert.equal((await send(server, 'POST', path, { body })).status, 200, path);
  }
  const get = await send(server, 'GET', '/api');
  assert.equal(get.status, 400);
  assert.match(get.headers['content-type'], /^text\/plain/);
  assert.match(get.text, /not implemented/);
  const put = await send(server, 'PUT', '/api', { body });
  assert.deepEqual([put.status, put.headers.allow], [405, 'GET, HEAD, POST']);
  assert.equal((await send(server, 'POST', '/apis', { body })).status, 404);
  assert.match((await send(server, 'POST', '/', { body })).text, /not found/i);
});

test('only JSON is taken', async () => {
  const message = { body: [record('head', unique())] };
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/jsonp', '']) {
    const answer = await send(server, 'POST', '/api', { body: message, headers: { 'Content-Type': type } });
    assert.equal(answer.status, 415, type);
    assert.match(answer.text, /media type/i);
    assert.match(answer.headers['content-type'], /^text\/plain/);
  }
  const answer = await send(server, 'POST', '/api', { body: message, headers: { 'Content-Type': 'Application/JSON; charset=utf-8' } });
  assert.equal(answer.status, 200);
});

test('requests that are no JSON, or no request, are refused with a sentence', async () => {
  const deep = '['.repeat(100_000);
  for (const [body, text] of [
    ['', /Failed to parse body of request: /], ['{', /Failed to parse body of request: /], ['foo', /Failed to parse/], ['null', /Failed to parse/],
    ['123', /Failed to parse/], ['["a"]', /Failed to parse/], [deep, /Failed to parse body.*deep/], ['{"body":1e999}', /Failed to parse/],
    ['{"a":1,"a":2,"body":[]}', /Failed to parse/], ['{"__proto__":{},"body":[{}]}', /Failed to parse/],
    ['{}', /the "body" parameter must exist/], ['{"body":null}', /must exist/],
    ['{"body":[]}', /must be a non-empty array of Objects/], ['{"body":{}}', /must be a non-empty array/], ['{"body":"x"}', /must be a non-empty array/],
    ['{"body":[{}],"token":1}', /"token" parameter must be a non-empty string/], ['{"body":[{}],"token":""}', /"token" parameter/],
    ['{"body":[{}],"token":null}', /"token" parameter/],
    ['{"body":[{}],"authData":1}', /"authData" parameter must be an object/], ['{"body":[{}],"authData":null}', /"authData" parameter/],
  ]) {
    const answer = await send(server, 'POST', '/api', { body, raw: true });
    assert.equal(answer.status, 400, body.slice(0, 60));
    assert.match(answer.text, text, body.slice(0, 60));
    assert.match(answer.headers['content-type'], /^text\/plain/);
  }
});

test('a message that is wrong is named, and nothing of its batch is done', async () => {
  const name = unique();
  for (const [message, reason] of [
    [{}, /'topic' is required/], [7, /should be object/], [null, /should be object/], [[], /should be object/], [{ pas: 'valide' }, /'topic' is required/],
    [{ topic: 'event' }, /'action' is required/], [{ topic: 1, action: 'x' }, /'.topic' should be string/], [{ topic: 'Event', action: 'emit' }, /'.topic' should be one of/],
    [{ topic: 'event', action: 'emi', eventName: 'x' }, /'.action' should be one of emit/], [{ topic: 'event', action: 'emit' }, /'eventName' is required for topic 'event'/],
    [{ topic: 'event', action: 'emit', eventName: '' }, /'.eventName' should be non-empty string/], [{ topic: 'event', action: 'emit', eventName: 'x', x: 1 }, /'x' is not permitted/],
    [{ topic: 'rpc', action: 'make' }, /'rpcName' is required/], [{ topic: 'rpc', action: 'made', rpcName: 'x' }, /'.action' should be one of make/],
    [{ topic: 'rpc', action: 'make', rpcName: {} }, /'.rpcName' should be/],
    [record('read'), /'recordName' is required/], [record('read', 5), /'.recordName' should be/], [record('read', name, { path: 'a' }), /'path' is not permitted/],
    [record('head', name, { data: {} }), /'data' is not permitted/], [record('delete', name, { version: 1 }), /'version' is not permitted/], [record('create', name), /'.action' should be one of/],
    [record('write', name), /'data' is required/], [record('write', name, { data: 5 }), /'.data' should be object or array/], [record('write', name, { data: null }), /'.data' should be/],
    [record('write', name, { data: {}, path: 5 }), /'.path' should be string/], [record('write', name, { data: {}, version: 1.5 }), /'.version' should be integer/],
    [record('write', name, { data: {}, version: -2 }), /'.version' should be/], [record('write', name, { data: {}, version: '1' }), /'.version' should be/],
    [record('write', name, { data: {}, version: 2 ** 31 }), /'.version' should be/],
    [{ topic: 'record', action: 'notify' }, /'recordNames' is required/], [{ topic: 'record', action: 'notify', recordNames: 'x' }, /'.recordNames' should be array/],
    [{ topic: 'record', action: 'notify', recordNames: [1] }, /'.recordNames' should be array of strings/],
    [list('write', name, { data: {} }), /'.data' should be array/], [list('write', name, { data: ['x', 1] }), /'.data' should be array of strings/],
    [list('write', name, { data: [], path: 'x' }), /'path' is not permitted/], [list('head', name), /'.action' should be one of/], [list('read'), /'listName' is required/],
    [{ topic: 'presence', action: 'query', names: 'x' }, /'.names' should be array/], [{ topic: 'presence', action: 'list' }, /'.action' should be one of query/],
    [{ topic: 'presence', action: 'query', users: [] }, /'users' is not permitted/],
  ]) {
    const answer = await batch(server, [record('write', name, { data: { done: true } }), message]);
    assert.equal(answer.status, 400, JSON.stringify(message));
    assert.match(answer.text, /^Failed to parse JIF object at index 1\. Reason: /, JSON.stringify(message));
    assert.match(answer.text, reason);
  }
  assert.deepEqual(await ask(server, record('head', name)), { success: true, version: -1 });
});

test('what only the record or the name makes wrong is an error of its message', async () => {
  const name = unique();
  await ask(server, record('write', name, { data: [1] }));
  const results = (await batch(server, [
    record('write', name, { path: 'a', data: 1 }), record('write', name, { path: '', data: 1 }), record('write', name, { path: 'x.__proto__', data: 1 }),
    record('read', 'x'.repeat(600)), record('head', 'a\u0000b'), record('delete', 'x'.repeat(600)), { topic: 'record', action: 'notify', recordNames: [''] },
    record('head', name),
  ])).json.body;
  assert.deepEqual(results.map(({ success, errorTopic, errorEvent, code }) => [success, errorTopic, errorEvent, code]), [
    [false, 'record', 116, 'TYPE_MISMATCH'], [false, 'record', 116, 'INVALID_PATH'], [false, 'record', 116, 'FORBIDDEN_KEY'],
    [false, 'record', 116, 'INVALID_NAME'], [false, 'record', 116, 'INVALID_NAME'], [false, 'record', 116, 'INVALID_NAME'], [false, 'record', 116, 'INVALID_NAME'],
    [true, undefined, undefined, undefined],
  ]);
});

test('documents have their limits, batches larger ones', async () => {
  const big = { text: 'x'.repeat(900_000) };
  const names = Array.from({ length: 12 }, () => unique());
  const answer = await batch(server, names.map((name) => record('write', name, { data: big })));
  assert.equal(answer.json.result, 'SUCCESS', 'eleven megabytes at once');
  assert.equal((await batch(server, names.map((name) => record('read', name)))).json.result, 'SUCCESS');
  const read = await batch(server, [...names, ...names].map((name) => record('read', name)));
  assert.equal(read.json.result, 'PARTIAL_SUCCESS', 'an answer has a bound as well');
  assert.equal(read.json.body.at(-1).code, 'LIMIT_REACHED');
  const large = await ask(server, record('write', unique(), { data: { text: 'x'.repeat(1_100_000) } }));
  assert.deepEqual([large.errorEvent, large.code], [116, 'DOCUMENT_TOO_LARGE']);
  let deep = 1;
  for (let n = 0; n < 65; n++) deep = [deep];
  const tooDeep = await batch(server, [record('write', unique(), { data: deep })]);
  assert.deepEqual([tooDeep.status, /nested deeper/.test(tooDeep.text)], [400, true]);
  assert.deepEqual(await ask(server, record('write', unique(), { data: deep[0] })), { success: true });
  const deeper = await ask(server, record('write', unique(), { path: 'a', data: deep[0] }));
  assert.deepEqual([deeper.errorEvent, deeper.code], [116, 'TOO_DEEP']);
  const tooMany = await batch(server, Array.from({ length: 10_001 }, () => record('head', 'x')));
  assert.deepEqual([tooMany.status, tooMany.text.includes('at most 10000')], [413, true]);
  const tooLarge = await send(server, 'POST', '/api', { raw: true, body: `{"body":["${'x'.repeat(17 << 20)}"]}` });
  assert.deepEqual([tooLarge.status, tooLarge.json.code], [413, 'PAYLOAD_TOO_LARGE']);
});

test('a token stands for the login it was issued for, at every door', async (t) => {
  const issued = await send(server, 'POST', '/api/auth', { body: { username: 'Anna' } });
  assert.equal(issued.status, 200);
  assert.deepEqual(Object.keys(issued.json), ['token', 'clientData']);
  assert.match(issued.json.token, /^[\w-]{43}$/);
  const other = await send(server, 'POST', '/api/auth', { body: { username: 'Anna' } });
  assert.notEqual(issued.json.token, other.json.token);
  const query = { topic: 'presence', action: 'query' };
  const a = await connect(t, server, {});
  assert.deepEqual((await ask(server, query, { token: issued.json.token })).users, ['open']);
  const again = await send(server, 'POST', '/api/auth', { body: { token: issued.json.token } });
  assert.equal(again.json.token, issued.json.token, 'a token is not exchanged for another');
  const anna = client(t, server.url);
  await within(anna.login({ token: issued.json.token }), 'the login');
  await untilEqual(async () => (await ask(server, query)).users, ['Anna']);
  assert.deepEqual((await ask(server, query, { token: issued.json.token })).users, ['open'], 'she herself is left out');
  a.close();
});

test('login data that is none is refused where tokens are issued', async () => {
  for (const body of ['', '[]', '"x"', '{']) {
    const answer = await send(server, 'POST', '/api/auth', { body, raw: true });
    assert.equal(answer.status, 400, body);
    assert.match(answer.text, /Failed to parse body/);
  }
  assert.equal((await send(server, 'POST', '/api/auth', { body: {}, headers: { 'Content-Type': 'text/plain' } })).status, 415);
  assert.equal((await send(server, 'GET', '/api/auth')).status, 405);
  assert.equal((await send(server, 'POST', '/api/auth', { body: { x: 'x'.repeat(70_000) } })).status, 413);
});

test('pages of foreign origins, and foreign names of this server, are turned away', async () => {
  const body = { body: [record('head', 'x')] };
  for (const headers of [{ Origin: 'https://evil.example' }, { Host: 'evil.example' }, { Origin: 'null' }]) {
    const answer = await send(server, 'POST', '/api', { body, headers });
    assert.deepEqual([answer.status, answer.json.code, answer.headers['access-control-allow-origin']], [403, 'FORBIDDEN', undefined]);
  }
  const own = await send(server, 'POST', '/api', { body, headers: { Origin: 'http://localhost:8080' } });
  assert.equal(own.status, 200);
  assert.equal(own.headers['access-control-allow-origin'], 'http://localhost:8080');
  assert.equal(own.headers['access-control-allow-credentials'], 'true');
  assert.match(own.headers.vary, /origin/i);
});

test('a browser that asks first is told what it may send', async () => {
  const ask = (method, names, origin = 'http://localhost:8080') =>
    send(server, 'OPTIONS', '/api', { headers: { Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': names } });
  const yes = await ask('POST', 'Content-Type, X-Requested-With, X-HTTP-Method-Override, Accept');
  assert.equal(yes.status, 204);
  assert.equal(yes.headers['access-control-allow-methods'], 'GET, HEAD, POST, OPTIONS');
  assert.match(yes.headers['access-control-allow-headers'], /X-Requested-With, X-HTTP-Method-Override, Content-Type, Accept/);
  assert.equal((await ask('DELETE', 'Content-Type')).status, 403);
  assert.equal((await ask('POST', 'X-Other')).status, 403);
  assert.equal((await ask('POST', 'Content-Type', 'https://evil.example')).status, 403);
  assert.equal((await send(server, 'OPTIONS', '/api', { headers: { Origin: 'http://localhost:8080' } })).status, 400);
});
