// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Documents over HTTP: every operation, condition and refusal, with fetch and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';
import { unique, until } from './clients.mjs';
import { Documents } from './documents.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();
const sessions = new Documents(server, 'session');
const ok = ({ status, body }) => (assert.ok(status < 300, JSON.stringify(body)), body);

function refused(answer, status, code) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.body.code, code);
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.message.includes('conflict'), status === 409, answer.body.message);
  assert.ok(answer.body.requestId);
  return answer.body;
}

test('create, get, replace, merge, mutate, delete: each one revision', async () => {
  const created = await sessions.create({ status: 'active', participantCount: 0 });
  assert.equal(created.status, 201);
  assert.match(created.body.id, /^doc_[a-z2-7]{20}$/);
  assert.equal(created.body.revision, 1);
  assert.equal(created.etag, '"1"');
  const { id } = created.body;
  assert.equal(created.headers.get('location'), `/api/sync/session/documents/${id}`);
  assert.deepEqual((await sessions.get(id)).body, created.body);
  assert.equal(ok(await sessions.replace(id, { status: 'ended' })).revision, 2);
  assert.deepEqual(ok(await sessions.merge(id, { notes: 'ok', status: null })).data, { notes: 'ok' });
  assert.deepEqual(ok(await sessions.mutate(id, { n: { $inc: 0.1 }, 'a.b': [1] }, { expectedRevision: 3 })).data, {
    notes: 'ok',
    n: 0.1,
    a: { b: [1] },
  });
  assert.deepEqual(ok(await sessions.delete(id)), { service: 'session', id, revision: 5, deleted: true });
  const gone = refused(await sessions.get(id), 404, 'NOT_FOUND');
  assert.deepEqual(gone.details, { service: 'session', id, deleted: true, revision: 5 });
  assert.equal(ok(await sessions.delete(id)).revision, 5, 'deleting again changes nothing');
  assert.equal(ok(await sessions.restore(id)).revision, 6);
  assert.deepEqual(ok(await sessions.get(id)).data, { notes: 'ok', n: 0.1, a: { b: [1] } });
});

test('a stale revision is a conflict that changes nothing', async () => {
  const id = unique();
  await sessions.create({ n: 1 }, id);
  await sessions.merge(id, { n: 2 });
  const why = refused(await sessions.replace(id, {}, { expectedRevision: 1, returnCurrent: true }), 409, 'REVISION_CONFLICT');
  assert.equal(why.details.expectedRevision, 1);
  assert.equal(why.details.currentRevision, 2);
  assert.deepEqual(why.details.current.data, { n: 2 });
  refused(await sessions.create({}, id), 409, 'ALREADY_EXISTS');
  refused(await sessions.delete(id, '?expectedRevision=1'), 409, 'REVISION_CONFLICT');
  refused(await sessions.mutate(id, { n: { $test: 7 } }), 409, 'TEST_FAILED');
  refused(await sessions.merge(unique(), {}, { expectedRevision: 3 }), 404, 'NOT_FOUND');
  assert.equal((await sessions.get(id)).body.revision, 2);
});

test('entity tags: If-Match, If-None-Match', async () => {
  const id = unique();
  await sessions.create({ n: 1 }, id);
  const known = await sessions.send('GET', id, '', undefined, { 'if-none-match': 'W/"9", "1"' });
  assert.equal(known.status, 304);
  assert.equal(known.etag, '"1"');
  assert.equal(known.body, undefined);
  assert.equal((await sessions.send('GET', id, '', undefined, { 'if-none-match': '"2"' })).status, 200);
  assert.equal(ok(await sessions.merge(id, {}, {}, { 'if-match': '"1"' })).revision, 2);
  refused(await sessions.merge(id, {}, {}, { 'if-match': '"1"' }), 412, 'PRECONDITION_FAILED');
  refused(await sessions.merge(id, {}, {}, { 'if-match': 'W/"2"' }), 412, 'PRECONDITION_FAILED');
  refused(await sessions.merge(id, {}, { expectedRevision: 1 }, { 'if-match': '"2"' }), 409, 'REVISION_CONFLICT');
  refused(await sessions.merge(id, {}, {}, { 'if-match': '2' }), 400, 'INVALID_ARGUMENT');
  assert.equal(ok(await sessions.merge(id, {}, {}, { 'if-match': '*' })).revision, 3);
  refused(await sessions.replace(id, {}, {}, { 'if-none-match': '*' }), 412, 'PRECONDITION_FAILED');
  const fresh = await sessions.replace(unique(), { a: 1 }, {}, { 'if-none-match': '*' });
  assert.deepEqual([fresh.status, fresh.body.revision], [201, 1]);
});

test('expectedRevision 0 creates what is not there', async () => {
  const id = unique();
  const created = await sessions.merge(id, { a: { b: 1, c: null } }, { expectedRevision: 0 });
  assert.deepEqual([created.status, created.body.data], [201, { a: { b: 1 } }]);
  refused(await sessions.merge(id, {}, { expectedRevision: 0 }), 409, 'REVISION_CONFLICT');
  refused(await sessions.merge(unique(), {}), 404, 'NOT_FOUND');
});

test('a repeated request is answered as the first time and done once', async () => {
  const id = unique();
  const key = { 'idempotency-key': unique() };
  await sessions.create({ n: 0 }, id);
  const first = await sessions.mutate(id, { n: { $inc: 1 } }, {}, key);
  await sessions.mutate(id, { n: { $inc: 1 } });
  assert.deepEqual((await sessions.mutate(id, { n: { $inc: 1 } }, {}, key)).body, first.body);
  assert.deepEqual((await sessions.get(id)).body.data, { n: 2 });
  const make = () => sessions.send('POST', undefined, '', { data: { x: 1 } }, key);
  const made = await make();
  assert.deepEqual((await make()).body, made.body, 'the id is that of the first time');
  const racing = { 'idempotency-key': unique() };
  const all = await Promise.all(Array.from({ length: 20 }, () => sessions.mutate(id, { n: { $inc: 1 } }, {}, racing)));
  assert.equal(new Set(all.map(({ body }) => body.revision)).size, 1);
  assert.deepEqual((await sessions.get(id)).body.data, { n: 3 });
});

test('the two kinds of patch', async () => {
  const id = unique();
  await sessions.create({ a: 1, list: [1, 2] }, id);
  const merge = { 'content-type': 'application/merge-patch+json' };
  const patch = { 'content-type': 'application/json-patch+json; charset=utf-8' };
  assert.deepEqual(ok(await sessions.send('PATCH', id, '', '{"a":null,"b":2}', merge)).data, { b: 2, list: [1, 2] });
  const ops = [{ op: 'add', path: '/list/1', value: 'x' }, { op: 'move', from: '/b', path: '/c' }];
  assert.deepEqual(ok(await sessions.send('PATCH', id, '', ops, patch)).data, { list: [1, 'x', 2], c: 2 });
  refused(await sessions.send('PATCH', id, '', [{ op: 'test', path: '/c', value: 3 }], patch), 409, 'TEST_FAILED');
  refused(await sessions.send('PATCH', id, '', ops), 415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('lists go on page by page; history from a revision on', async () => {
  const letters = new Documents(server, unique().replaceAll(/[^a-z0-9]/gi, ''));
  for (const id of ['c', 'a', 'd', 'b']) await letters.create({ id }, id);
  await letters.delete('b');
  const ids = (page) => page.documents.map((each) => each.id);
  const first = ok(await letters.send('GET', undefined, '?limit=2&includeDeleted=true'));
  assert.deepEqual(ids(first), ['a', 'b']);
  assert.equal(first.documents[1].deleted, true);
  const rest = ok(await letters.send('GET', undefined, `?includeDeleted=true&after=${encodeURIComponent(first.next)}`));
  assert.deepEqual([ids(rest), rest.next], [['c', 'd'], null]);
  assert.deepEqual(ids(ok(await letters.send('GET', undefined, ''))), ['a', 'c', 'd']);
  await letters.merge('a', { n: 1 });
  await letters.merge('a', { n: 2 });
  const { changes, next } = ok(await letters.get('a', '/history?sinceRevision=1&limit=1'));
  assert.deepEqual([changes.length, changes[0].revision, changes[0].operation, next], [1, 2, 'merge', 2]);
  assert.deepEqual(changes[0].diff, { added: { n: 1 }, removed: {}, changed: {} });
});

test('a batch is done as a whole or not at all', async () => {
  const [a, b] = [unique(), unique()];
  const batch = async (ops) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/sync/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ops }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const create = (id) => ({ op: 'create', service: 'session', id, data: {} });
  const done = await batch([create(a), create(b)]);
  assert.deepEqual([done.status, done.body.results.map((each) => each.status)], [200, [201, 201]]);
  const failed = await batch([{ op: 'merge', service: 'session', id: a, data: { x: 1 } }, create(b)]);
  assert.equal(failed.status, 409);
  assert.equal(failed.body.results[1].error.code, 'ALREADY_EXISTS');
  assert.equal((await sessions.get(a)).body.revision, 1, 'nothing was done');
  refused(await batch([create(a), create(a)]), 400, 'INVALID_ARGUMENT');
  refused(await batch([]), 400, 'INVALID_ARGUMENT');
});

test('a document whose time is over reads as deleted, and its next life goes on counting', async () => {
  const id = unique();
  await sessions.create({ n: 1 }, id, { expiresAt: Date.now() + 60_000 });
  assert.equal(ok(await sessions.touch(id, Date.now() - 1)).revision, 2);
  refused(await sessions.get(id), 404, 'NOT_FOUND');
  const next = await until(async () => {
    const answer = await sessions.create({ n: 2 }, id);
    return answer.status === 201 && answer.body;
  }, 'the next life');
  assert.equal(next.revision, 4, 'the expiry is revision 3');
  assert.equal(next.expiresAt, undefined);
});

test('names: what is percent-encoded is one segment; what has another name is refused', async () => {
  const odd = new Documents(server, 'Größe');
  for (const id of ['a/b', 'ü ?#%', '.', '..', 'a.b', '*']) {
    const made = await odd.create({ id }, id);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.id, id);
    if (id !== '.' && id !== '..') assert.equal((await odd.get(id)).body.data.id, id);
  }
  const unnamed = new Documents(server, '_');
  refused(await unnamed.create({}, 'driver/jack'), 400, 'INVALID_NAME');
  assert.equal((await unnamed.create({}, unique().replace('/', '-'))).status, 201);
  for (const service of ['a.b', 'a*', 'a b', 'x'.repeat(129)]) {
    refused(await new Documents(server, service).create({}), 400, 'INVALID_NAME');
  }
  refused(await sessions.create({}, 'x'.repeat(513)), 400, 'INVALID_NAME');
  refused(await sessions.create({}, ''), 400, 'INVALID_NAME');
});

test('hostile and mistaken input is refused with its code, and harms nobody', async () => {
  const id = unique();
  await sessions.create({ n: 1, list: [1], text: 'x' }, id);
  const nested = (depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  const bodies = [
    ['{"data":{"a":1,"a":2}}', 400, 'INVALID_JSON'],
    ['{"data":', 400, 'INVALID_JSON'],
    ['', 400, 'INVALID_JSON'],
    ['{"data":{"a":"\\ud800"}}', 400, 'INVALID_JSON'],
    ['{"data":{"__proto__":{"x":1}}}', 400, 'FORBIDDEN_KEY'],
    ['{"data":{"n":1e400}}', 400, 'NUMBER_OUT_OF_RANGE'],
    ['{"data":{"n":1e-400}}', 400, 'NUMBER_OUT_OF_RANGE'],
    [`{"data":{"n":${'9'.repeat(35)}}}`, 400, 'NUMBER_OUT_OF_RANGE'],
    [`{"data":${nested(10_000)}}`, 400, 'TOO_DEEP'],
    [`{"data":${nested(65)}}`, 400, 'TOO_DEEP'],
    ['[]', 400, 'INVALID_ARGUMENT'],
    ['{}', 400, 'INVALID_ARGUMENT'],
    ['{"data":1}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"expectedRevision":-1}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"expectedRevision":1.5}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"expectedRevision":"1"}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"expectedRevision":9007199254740992}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"unknown":1}', 400, 'INVALID_ARGUMENT'],
    ['{"data":{},"returnCurrent":1}', 400, 'INVALID_ARGUMENT'],
  ];
  for (const [body, status, code] of bodies) refused(await sessions.send('PUT', id, '', body), status, code);
  const big = JSON.stringify({ data: { a: 'x'.repeat((1 << 20) + 10) } });
  refused(await sessions.send('PUT', id, '', big), 413, 'DOCUMENT_TOO_LARGE');
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`k${i}`, i]));
  for (const [mutations, status, code] of [
    [many, 400, 'TOO_MANY_OPS'],
    [Array.from({ length: 10_000 }, () => ({ op: 'set', path: 'a', value: 1 })), 400, 'TOO_MANY_OPS'],
    [{ a: 1, 'a.b': 2 }, 400, 'PATH_CONFLICT'],
    [{ a: { $nope: 1 } }, 400, 'UNKNOWN_OPERATOR'],
    [{ $inc: { n: 1 } }, 400, 'INVALID_ARGUMENT'],
    [{ a: { $inc: 1, b: 2 } }, 400, 'INVALID_ARGUMENT'],
    [{ 'a..b': 1 }, 400, 'INVALID_PATH'],
    [{ '': 1 }, 400, 'INVALID_PATH'],
    [{ 'a.__proto__.b': 1 }, 400, 'FORBIDDEN_KEY'],
    [{ text: { $inc: 1 } }, 422, 'TYPE_MISMATCH'],
    [{ 'text.a': 1 }, 422, 'TYPE_MISMATCH'],
    [[{ op: 'move', from: '/nope', path: '/x' }], 422, 'PATH_NOT_FOUND'],
    [7, 400, 'INVALID_ARGUMENT'],
  ]) {
    refused(await sessions.mutate(id, mutations), status, code);
  }
  ok(await sessions.mutate(id, { n: 1e300 }));
  refused(await sessions.mutate(id, { n: { $mul: 1e300 } }), 422, 'NUMBER_OUT_OF_RANGE');
  for (const query of ['?limit=0', '?limit=x', '?limit=1&limit=2', '?nope=1', '?includeDeleted=maybe', '?limit=%zz']) {
    refused(await sessions.send('GET', undefined, query), 400, 'INVALID_ARGUMENT');
  }
  assert.equal((await sessions.get(id)).body.data.text, 'x');
});

test('routes and methods', async () => {
  const at = async (method, path, headers) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers });
    return { status: answer.status, allow: answer.headers.get('allow'), body: await answer.json() };
  };
  for (const path of ['/api/sync', '/api/sync/session', '/api/sync/session/nope', '/api/sync/session/documents/a/b/c', '/api/sync/session/documents/a/nope', '/api/sync/session/documents/']) {
    refused(await at('GET', path), 404, 'UNKNOWN_ROUTE');
  }
  for (const [method, path, allow] of [
    ['DELETE', '/api/sync/session/documents', 'GET, HEAD, POST'],
    ['POST', '/api/sync/session/documents/a', 'DELETE, GET, HEAD, PATCH, PUT'],
    ['GET', '/api/sync/session/documents/a/merge', 'PATCH'],
    ['PATCH', '/api/sync/session/documents/a/mutate', 'POST'],
  ]) {
    const answer = await at(method, path);
    refused(answer, 405, 'METHOD_NOT_ALLOWED');
    assert.equal(answer.allow, allow);
  }
  refused(await at('PUT', '/api/sync/session/documents/a', { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('numbers keep their value exactly', async () => {
  const id = unique();
  const text = '{"data":{"big":9007199254740993,"small":0.1000,"huge":1e300,"zero":-0}}';
  await sessions.send('PUT', id, '', text, { 'if-none-match': '*' });
  const raw = await (await fetch(sessions.path(id))).text();
  assert.match(raw, /"big":9007199254740993,/);
  assert.match(raw, /"small":0\.1,/);
  assert.match(raw, /"zero":0\}/);
});
