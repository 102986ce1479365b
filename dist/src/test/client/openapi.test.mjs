// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The OpenAPI description against real answers: every operation, every status a client can cause, every body.
import assert from 'node:assert/strict';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { unique } from './clients.mjs';
import { Documents } from './documents.mjs';
import { ask } from './http.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();
const closed = await serverForThisFile({ auth: [{ type: 'jwt', secret: 'a secret of thirty-two characters' }] });
const description = await (await fetch(`http://127.0.0.1:${server.port}/api/openapi.json`)).json();
const ajv = new Ajv({ strict: false });
ajv.addSchema(description, 'openapi');

/// Statuses that take more than a request: permissions, a limit, a failing store.
const OUT_OF_REACH = ['403', '429', '503'];
const JSON_TYPE = { 'content-type': 'application/json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const TEXT = { 'content-type': 'text/plain' };
const TOO_LARGE = JSON.stringify({ data: { a: 'x'.repeat(1 << 20) } });
const far = Date.now() + 1e9;

/// What brings about each status of each operation; `there` and `gone` are ids of documents.
const calls = {
  list: { 200: ['GET', ''], 400: ['GET', '?limit=0'] },
  create: {
    201: ['POST', '', { data: {} }],
    400: ['POST', '', '{'],
    409: ['POST', '', { data: {}, id: 'there' }],
    413: ['POST', '', TOO_LARGE],
    415: ['POST', '', 'x', TEXT],
    422: ['POST', '', { data: [] }],
  },
  get: { 200: ['GET', '/there'], 304: ['GET', '/there', undefined, { 'if-none-match': '*' }], 400: ['GET', '/there?x=1'], 404: ['GET', '/none'] },
  replace: { ...writes('PUT', '', { data: {} }), 422: ['PUT', '/list', { data: {} }], 201: ['PUT', '/$new', { data: {}, expectedRevision: 0 }] },
  patch: {
    200: ['PATCH', '/there', {}, MERGE],
    201: ['PATCH', '/$new?expectedRevision=0', {}, MERGE],
    400: ['PATCH', '/there', '{', MERGE],
    404: ['PATCH', '/none', {}, MERGE],
    409: ['PATCH', '/there?expectedRevision=99', {}, MERGE],
    412: ['PATCH', '/there', {}, { ...MERGE, 'if-match': '"99"' }],
    413: ['PATCH', '/there', JSON.stringify({ a: 'x'.repeat(1 << 20) }), MERGE],
    415: ['PATCH', '/there', {}, TEXT],
    422: ['PATCH', '/list', {}, MERGE],
  },
  delete: {
    200: ['DELETE', '/gone'],
    400: ['DELETE', '/there?expectedRevision=x'],
    404: ['DELETE', '/none'],
    409: ['DELETE', '/there?expectedRevision=99'],
    412: ['DELETE', '/there', undefined, { 'if-match': '"99"' }],
  },
  merge: { ...writes('PATCH', '/merge', { data: {} }), 422: ['PATCH', '/list/merge', { data: {} }], 201: ['PATCH', '/$new/merge', { data: {}, expectedRevision: 0 }] },
  mutate: {
    ...writes('POST', '/mutate', { mutations: { a: 1 } }),
    413: ['POST', '/there/mutate', JSON.stringify({ mutations: { a: 'x'.repeat(1 << 20) } })],
    422: ['POST', '/there/mutate', { mutations: { 'a.b': 1, text: { $inc: 1 } } }],
    201: ['POST', '/$new/mutate', { mutations: { a: 1 }, expectedRevision: 0 }],
  },
  history: { 200: ['GET', '/there/history'], 400: ['GET', '/there/history?limit=x'] },
  restore: {
    200: ['POST', '/gone/restore', {}],
    400: ['POST', '/gone/restore', '{'],
    404: ['POST', '/none/restore', {}],
    409: ['POST', '/there/restore', {}],
    412: ['POST', '/gone/restore', {}, { ...JSON_TYPE, 'if-match': '"99"' }],
    415: ['POST', '/gone/restore', 'x', TEXT],
  },
  touch: { ...writes('POST', '/touch', { expiresAt: far }), 413: ['POST', '/there/touch', TOO_LARGE + ' '.repeat(1 << 17)], 422: undefined },
};

function writes(method, below, body) {
  return {
    200: [method, `/there${below}`, body],
    400: [method, `/there${below}`, '{'],
    404: [method, `/none${below}`, body],
    409: [method, `/there${below}`, { ...body, expectedRevision: 99 }],
    412: [method, `/there${below}`, body, { ...JSON_TYPE, 'if-match': '"99"' }],
    413: [method, `/there${below}`, TOO_LARGE],
    415: [method, `/there${below}`, 'x', TEXT],
  };
}

const create = (id, data = {}) => ({ op: 'create', service: 's', id, data });
const batches = {
  200: { ops: [create('$new')] },
  400: { ops: [] },
  404: { ops: [{ op: 'merge', service: 'service', id: 'none', data: {} }] },
  409: { ops: [create('$new'), { op: 'merge', service: 'service', id: 'there', data: {}, expectedRevision: 99 }] },
  413: { ops: [create('$new', { a: 'x'.repeat(1 << 20) })] },
  422: { ops: [create('$new'), { op: 'mutate', service: 'service', id: 'there', mutations: { text: { $inc: 1 } } }] },
};

const base = (at) => `http://127.0.0.1:${at.port}/api/sync`;
const withNames = (text) => text.replaceAll('$new', unique().replace('/', '-'));

function check(path, method, operation, answer, text) {
  const name = `${operation.operationId} ${answer.status}`;
  const documented = operation.responses[answer.status];
  assert.ok(documented, `${name} is not described: ${text}`);
  const described = documented.content?.['application/json']?.schema;
  if (!described) return assert.equal(text, '', name);
  assert.equal(answer.headers.get('content-type'), 'application/json', name);
  for (const header of Object.keys(documented.headers ?? {})) assert.ok(answer.headers.get(header), `${name} ${header}`);
  const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`;
  const validate = ajv.getSchema(`openapi#${pointer}/${method}/responses/${answer.status}/content/application~1json/schema`);
  assert.ok(validate(JSON.parse(text)), `${name}: ${ajv.errorsText(validate.errors)} in ${text}`);
}

for (const [path, item] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(item).filter(([, each]) => each.operationId)) {
    test(`${operation.operationId}: ${method} ${path}`, async () => {
      const documents = new Documents(server, 'service');
      await documents.create({}, 'there');
      await documents.replace('there', { text: 'x', a: {} });
      await documents.create({}, 'gone');
      await documents.delete('gone');
      await ask(server, { topic: 'record', action: 'write', recordName: 'service/list', data: ['a'] });
      for (const status of Object.keys(operation.responses).filter((each) => !OUT_OF_REACH.includes(each))) {
        const at = status === '401' ? closed : server;
        let request = [path.replace('{service}', 'service').replace('{id}', 'there').replace('/api/sync', ''), { method: method.toUpperCase() }];
        if (operation.operationId === 'batch') {
          request[1].headers = status === '415' ? TEXT : JSON_TYPE;
          request[1].body = withNames(JSON.stringify(batches[status] ?? {}));
        } else if (status !== '401') {
          const call = calls[operation.operationId][status];
          assert.ok(call, `nothing here brings about ${operation.operationId} ${status}`);
          const [verb, where, body, headers = body === undefined ? {} : JSON_TYPE] = call;
          assert.equal(verb, method.toUpperCase());
          if (operation.operationId === 'restore') await documents.delete('gone');
          request = [
            `/service/documents${withNames(where)}`,
            { method: verb, headers, body: typeof body === 'object' ? JSON.stringify(body) : body },
          ];
        } else {
          const type = Object.keys(operation.requestBody?.content ?? {})[0];
          request[1].headers = type ? { 'content-type': type } : {};
          request[1].body = type ? '{}' : undefined;
        }
        const answer = await fetch(base(at) + request[0], request[1]);
        const text = await answer.text();
        assert.equal(`${operation.operationId} ${answer.status}`, `${operation.operationId} ${status}`, text);
        check(path, method, operation, answer, text);
      }
    });
  }
}
