// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// notify through the npm client: "these records were changed behind your back", after which the server reads its
// store again and sends subscribers what differs from what they have.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, settled, unique, untilEqual } from './clients.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

test('notify is acknowledged, by promise and by callback, for one record and for many', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const names = [unique(), unique(), unique()];
  await Promise.all(names.map((name, n) => a.record.setDataWithAck(name, { n })));
  await open(b, names[0]);
  await a.record.notify([names[0]]);
  await a.record.notify(names);
  const answer = recorder();
  a.record.notify(names, answer);
  await untilEqual(() => answer.calls, [null]);
});

test('notify of records nobody watches, and of records that do not exist, creates nothing', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  await a.record.notify([name]);
  assert.equal(await a.record.has(name), false);
});

test('after notify subscribers have what the store has', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  await a.record.setDataWithAck(name, { n: 1 });
  const theirs = await open(b, name);
  await a.record.notify([name]);
  await a.record.setDataWithAck(name, 'm', 2);
  await untilEqual(() => json(theirs.get()), { n: 1, m: 2 });
  assert.deepEqual(json(await a.record.snapshot(name)), { n: 1, m: 2 });
});

test('the acknowledgement repeats the names, and what subscribers have already is not sent again [own rule]', async (t) => {
  const [raw, watcher] = await Promise.all([Session.login(t, server), Session.login(t, server)]);
  const [one, two] = [unique(), unique()];
  await raw.set(one, { n: 1 });
  await watcher.subscribe(one);
  raw.record(RECORD.NOTIFY, { names: [one, two], correlationId: 'c1' });
  await raw.expectRecord(RECORD.NOTIFY, { names: [one, two], correlationId: 'c1', isAck: true });
  await watcher.silent('nothing differs, so nothing is sent');
});

test('notify leaves versions alone', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const name = unique();
  const theirs = await open(b, name);
  await a.record.setDataWithAck(name, { n: 1 });
  await untilEqual(() => theirs.version, 1);
  await a.record.notify([name]);
  await settled(a, b);
  assert.equal(await a.record.head(name), 1);
  theirs.set('n', 2);
  await untilEqual(async () => json(await a.record.snapshot(name)), { n: 2 });
});
