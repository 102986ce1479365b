// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The page with what went over the doors since it was last read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, open, unique } from './clients.mjs';
import { ask, send } from './http.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('what went over the doors is counted, and forgotten when it has been read', async (t) => {
  const before = Date.now();
  const first = await send(server, 'GET', '/monitoring');
  assert.equal(first.status, 200);
  const a = await connect(t, server);
  const record = await open(a, unique());
  await record.setWithAck({ n: 1 });
  await record.setWithAck('n', 2);
  await ask(server, { topic: 'record', action: 'head', recordName: unique() });
  const head = await send(server, 'HEAD', '/monitoring');
  assert.equal(head.status, 200);
  const { json: page } = await send(server, 'GET', '/monitoring');
  assert.deepEqual(Object.keys(page), ['from', 'to', 'clusterSize', 'stateMetrics', 'errors', 'received', 'send', 'logins']);
  assert.equal(page.from, first.json.to);
  assert.ok(page.to >= page.from && page.to >= before - 1000, 'milliseconds since 1970');
  assert.equal(page.clusterSize, 1);
  assert.deepEqual(page.stateMetrics, { CONNECTIONS: 1, ONLINE_USERS: 1 });
  assert.deepEqual(page.logins, { websocket: { allowed: 1, declined: 0 }, http: { allowed: 1, declined: 0 } });
  assert.deepEqual(page.errors, {});
  assert.deepEqual(page.received.RECORD, { SUBSCRIBECREATEANDREAD: 1, UPDATE: 1, PATCH: 1 });
  assert.equal(page.send.RECORD.WRITE_ACKNOWLEDGEMENT, 2);
  const { json: empty } = await send(server, 'GET', '/monitoring');
  assert.deepEqual([empty.from, empty.received.RECORD, empty.send.RECORD, empty.logins.http], [page.to, undefined, undefined, { allowed: 0, declined: 0 }]);
});

test('nothing but reading is possible', async () => {
  const post = await send(server, 'POST', '/monitoring', { body: {} });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
});
