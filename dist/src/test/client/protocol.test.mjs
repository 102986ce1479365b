// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The RECORD topic frame by frame: what exactly is answered and to whom.
import assert from 'node:assert/strict';
import test from 'node:test';
import { json, unique, until } from './clients.mjs';
import { RECORD, Session, TOPIC } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const sessions = (t, count) => Promise.all(Array.from({ length: count }, () => Session.login(t, server)));

/// A record at version 2 with { n: 2 }, a session that writes and one that watches.
async function scene(t) {
  const [writer, watcher] = await sessions(t, 2);
  const name = unique();
  await writer.set(name, { n: 1 });
  await writer.set(name, { n: 2 });
  assert.deepEqual(await watcher.subscribe(name), {
    topic: TOPIC.RECORD, action: RECORD.READ_RESPONSE, name, version: 2, data: { n: 2 },
  });
  return { writer, watcher, name };
}

test('bulk subscription: one acknowledgement first, then one READ_RESPONSE per name, version 0 written out', async (t) => {
  const [session] = await sessions(t, 1);
  const names = [unique(), unique(), unique()];
  session.record(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '0' });
  await session.expectRecord(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '0', isAck: true });
  const answers = [await session.next(), await session.next(), await session.next()];
  answers.sort((x, y) => names.indexOf(x.name) - names.indexOf(y.name));
  assert.deepEqual(answers, names.map((name) => ({ topic: TOPIC.RECORD, action: RECORD.READ_RESPONSE, name, version: 0, data: {} })));
  await session.silent();
});

test('a thousand names in one message', async (t) => {
  const [session, writer] = await sessions(t, 2);
  const prefix = unique();
  const names = Array.from({ length: 1000 }, (_, n) => `${prefix}-${n}`);
  session.record(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '7' });
  await session.find((m) => m.isAck && m.correlationId === '7');
  for (let n = 0; n < 1000; n++) await session.findRecord(RECORD.READ_RESPONSE);
  await writer.set(names[999], { n: 1 });
  await session.expectRecord(RECORD.UPDATE, { name: names[999], version: 1, data: { n: 1 } });
});

test('READ and HEAD, present and missing', async (t) => {
  const { watcher: session, name } = await scene(t);
  session.record(RECORD.READ, { name });
  await session.expectRecord(RECORD.READ_RESPONSE, { name, version: 2, data: { n: 2 } });
  session.record(RECORD.HEAD, { name });
  await session.expectRecord(RECORD.HEAD_RESPONSE, { name, version: 2 });
  const missing = unique();
  session.record(RECORD.READ, { name: missing });
  await session.expectRecord(RECORD.RECORD_NOT_FOUND, { name: missing, originalAction: RECORD.READ, isError: true });
  session.record(RECORD.HEAD, { name: missing });
  await session.expectRecord(RECORD.HEAD_RESPONSE, { name: missing, version: -1 });
});

test('UPDATE: nothing to the writer, the whole data with the version to the others', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.subscribe(name);
  writer.record(RECORD.UPDATE, { name, version: 3, value: { m: [1, null, 'x'] } });
  await watcher.expectRecord(RECORD.UPDATE, { name, version: 3, data: { m: [1, null, 'x'] } });
  await writer.silent();
});

test('PATCH: nothing to the writer, the path with its value to the others', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.subscribe(name);
  for (const [version, path, value] of [[3, 'a', 1], [4, 'b', { c: 1 }], [5, 'b.c', null], [6, 'n', 'text'], [7, 'b.d', [1, 2]]]) {
    writer.record(RECORD.PATCH, { name, version, path, value });
    await watcher.expectRecord(RECORD.PATCH, { name, version, path, data: value });
  }
  await writer.silent();
});

test('ERASE reaches the others as PATCH without data', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.set(name, { a: { b: 1, c: 2 } });
  await watcher.findRecord(RECORD.UPDATE);
  writer.record(RECORD.ERASE, { name, version: 4, path: 'a.b' });
  await watcher.expectRecord(RECORD.PATCH, { name, version: 4, path: 'a.b' });
  await writer.write(RECORD.ERASE, { name, version: 5, path: 'a' });
  await watcher.expectRecord(RECORD.PATCH, { name, version: 5, path: 'a' });
});

test('an acknowledged write of every kind: WRITE_ACKNOWLEDGEMENT to the writer, no correlation id to the others', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.write(RECORD.UPDATE, { name, version: 3, value: { a: 1 } });
  await watcher.expectRecord(RECORD.UPDATE, { name, version: 3, data: { a: 1 } });
  await writer.write(RECORD.PATCH, { name, version: 4, path: 'b', value: 2 });
  await watcher.expectRecord(RECORD.PATCH, { name, version: 4, path: 'b', data: 2 });
  await writer.write(RECORD.ERASE, { name, version: 5, path: 'b' });
  await watcher.expectRecord(RECORD.PATCH, { name, version: 5, path: 'b' });
  await writer.write(RECORD.CREATEANDUPDATE, { name, version: -1, value: { c: 3 } });
  await watcher.expectRecord(RECORD.UPDATE, { name, version: 6, data: { c: 3 } });
  await writer.write(RECORD.CREATEANDPATCH, { name, version: -1, path: 'd', value: 4 });
  await watcher.expectRecord(RECORD.PATCH, { name, version: 7, path: 'd', data: 4 });
});

test('CREATEANDUPDATE and CREATEANDPATCH on a missing record: version 1', async (t) => {
  const [writer] = await sessions(t, 1);
  const [one, two] = [unique(), unique()];
  await writer.write(RECORD.CREATEANDUPDATE, { name: one, version: -1, value: { a: 1 } });
  assert.deepEqual(await writer.snapshot(one), { version: 1, data: { a: 1 } });
  await writer.write(RECORD.CREATEANDPATCH, { name: two, version: -1, path: 'a.b', value: 1 });
  assert.deepEqual(await writer.snapshot(two), { version: 1, data: { a: { b: 1 } } });
});

test('writes to a missing record: an error, unless they want to be acknowledged', async (t) => {
  const [writer] = await sessions(t, 1);
  for (const [action, fields] of [
    [RECORD.UPDATE, { value: { a: 1 } }], [RECORD.PATCH, { path: 'a', value: 1 }], [RECORD.ERASE, { path: 'a' }],
  ]) {
    for (const version of [1, -1]) {
      const name = unique();
      writer.record(action, { name, version, ...fields });
      const reply = await writer.next();
      assert.deepEqual([reply.action, reply.name, reply.isError], [RECORD.RECORD_UPDATE_ERROR, name, true]);
      assert.equal(await writer.head(name), -1, 'it was not created');
      await writer.write(action, { name, version, ...fields });
      assert.equal(await writer.head(name), 1, 'with an acknowledgement it is');
    }
  }
});

test('version rules: v+1 and -1 are accepted', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.write(RECORD.UPDATE, { name, version: 3, value: { n: 3 } });
  await writer.write(RECORD.UPDATE, { name, version: -1, value: { n: 4 } });
  await writer.write(RECORD.PATCH, { name, version: 5, path: 'n', value: 5 });
  await writer.write(RECORD.PATCH, { name, version: -1, path: 'n', value: 6 });
  for (let version = 3; version <= 6; version++) assert.equal((await watcher.next()).version, version, 'never -1');
  assert.deepEqual(await watcher.snapshot(name), { version: 6, data: { n: 6 } });
});

for (const version of [2, 1, 0, -2, -7]) {
  test(`version rules: ${version} at version 2 is VERSION_EXISTS with what is there`, async (t) => {
    const { writer, watcher, name } = await scene(t);
    for (const [action, fields] of [
      [RECORD.UPDATE, { value: { x: 1 } }], [RECORD.PATCH, { path: 'x', value: 1 }], [RECORD.ERASE, { path: 'n' }],
    ]) {
      writer.record(action, { name, version, ...fields });
      const plain = await writer.findRecord(RECORD.VERSION_EXISTS, { name });
      assert.deepEqual([plain.version, plain.data, plain.isWriteAck, plain.correlationId], [2, { n: 2 }, undefined, undefined]);
      writer.record(action, { name, version, ...fields, isWriteAck: true, correlationId: '17' });
      const acked = await writer.findRecord(RECORD.VERSION_EXISTS, { name });
      assert.deepEqual([acked.version, acked.data, acked.isWriteAck, acked.correlationId], [2, { n: 2 }, true, '17']);
    }
    await watcher.silent('a refused write changes nothing');
    assert.deepEqual(await watcher.snapshot(name), { version: 2, data: { n: 2 } });
  });
}

test('VERSION_EXISTS says which action it answers', async (t) => {
  const { writer, name } = await scene(t);
  writer.record(RECORD.UPDATE, { name, version: 1, value: {} });
  assert.equal((await writer.findRecord(RECORD.VERSION_EXISTS)).originalAction, RECORD.UPDATE);
  writer.record(RECORD.PATCH, { name, version: 1, path: 'n', value: 1 });
  assert.equal((await writer.findRecord(RECORD.VERSION_EXISTS)).originalAction, RECORD.PATCH);
});

// The original leaves the error flag out, so that an acknowledged write that was refused looks like a success, and
// gives the version that was asked for instead of the current one.
for (const version of [4, 5, 100, 2147483647]) {
  test(`version rules: ${version} at version 2 is INVALID_VERSION, an error [own rule]`, async (t) => {
    const { writer, watcher, name } = await scene(t);
    for (const [action, fields] of [
      [RECORD.UPDATE, { value: { x: 1 } }], [RECORD.PATCH, { path: 'x', value: 1 }], [RECORD.ERASE, { path: 'n' }],
      [RECORD.CREATEANDUPDATE, { value: { x: 1 } }], [RECORD.CREATEANDPATCH, { path: 'x', value: 1 }],
    ]) {
      writer.record(action, { name, version, ...fields });
      const plain = await writer.findRecord(RECORD.INVALID_VERSION, { name });
      assert.deepEqual([plain.version, plain.isError, plain.originalAction, plain.isWriteAck], [2, true, action, undefined]);
      writer.record(action, { name, version, ...fields, isWriteAck: true, correlationId: '18' });
      const acked = await writer.findRecord(RECORD.INVALID_VERSION, { name });
      assert.deepEqual([acked.version, acked.isError, acked.isWriteAck, acked.correlationId], [2, true, true, '18']);
    }
    await watcher.silent();
    assert.deepEqual(await watcher.snapshot(name), { version: 2, data: { n: 2 } });
  });
}

const REFUSED_DATA = { null: 'null', 'a number': '17', 'a string': '"text"', true: 'true' };
for (const [what, data] of Object.entries(REFUSED_DATA)) {
  test(`the whole record cannot be ${what}: INVALID_MESSAGE_DATA, an error [own rule]`, async (t) => {
    const { writer, watcher, name } = await scene(t);
    for (const action of [RECORD.UPDATE, RECORD.CREATEANDUPDATE]) {
      writer.record(action, { name, version: 3, data });
      const plain = await writer.findRecord(RECORD.INVALID_MESSAGE_DATA, { name });
      assert.deepEqual([plain.isError, plain.originalAction], [true, action]);
      writer.record(action, { name, version: 3, data, isWriteAck: true, correlationId: '19' });
      const acked = await writer.findRecord(RECORD.INVALID_MESSAGE_DATA, { name });
      assert.deepEqual([acked.isError, acked.isWriteAck, acked.correlationId], [true, true, '19']);
    }
    await watcher.silent();
    assert.deepEqual(await watcher.snapshot(name), { version: 2, data: { n: 2 } });
  });
}

for (const path of ['', '   ', '.', '__proto__', 'a.__proto__.b', 'constructor', 'a.prototype', 'a[-1]', 'a[x]', 'a[1e9]', 'a[99999999]']) {
  test(`the path ${JSON.stringify(path)} is INVALID_MESSAGE_DATA, an error [own rule]`, async (t) => {
    const { writer, watcher, name } = await scene(t);
    for (const [action, fields] of [[RECORD.PATCH, { value: 1 }], [RECORD.CREATEANDPATCH, { value: 1 }], [RECORD.ERASE, {}]]) {
      writer.record(action, { name, version: 3, path, ...fields, isWriteAck: true, correlationId: '20' });
      const reply = await writer.find((m) => m.correlationId === '20');
      assert.deepEqual(
        [reply.action, reply.isError, reply.isWriteAck, reply.originalAction], [RECORD.INVALID_MESSAGE_DATA, true, true, action]);
    }
    await watcher.silent();
  });
}

test('path spellings: spaces, empty parts and numbers as the client reads them', async (t) => {
  const [writer] = await sessions(t, 1);
  const name = unique();
  for (const [path, value, expected] of [
    [' a . b ', 1, { a: { b: 1 } }],
    ['a..c', 2, { a: { b: 1, c: 2 } }],
    ['x[1][0]', 3, { a: { b: 1, c: 2 }, x: [null, [3]] }],
    ['x.0', 4, { a: { b: 1, c: 2 }, x: [4, [3]] }],
    ['7', 5, { a: { b: 1, c: 2 }, x: [4, [3]], 7: 5 }],
    ['a[b', null, undefined],
  ]) {
    if (expected === undefined) continue;
    await writer.patch(name, path, value);
    assert.deepEqual((await writer.snapshot(name)).data, expected, path);
  }
});

test('erasing what is not there is no error and still a version', async (t) => {
  const { writer, name } = await scene(t);
  await writer.write(RECORD.ERASE, { name, version: 3, path: 'no' });
  assert.deepEqual(await writer.snapshot(name), { version: 3, data: { n: 2 } });
});

test('erasing an array element leaves null in its place', async (t) => {
  const { writer, name } = await scene(t);
  await writer.set(name, { a: [1, 2, 3] });
  await writer.write(RECORD.ERASE, { name, version: 4, path: 'a[1]' });
  assert.deepEqual((await writer.snapshot(name)).data, { a: [1, null, 3] });
});

test('an array element beyond the end: the gap is null', async (t) => {
  const { writer, name } = await scene(t);
  await writer.set(name, { a: [1] });
  await writer.patch(name, 'a[3]', 4);
  assert.deepEqual((await writer.snapshot(name)).data, { a: [1, null, null, 4] });
});

test('writes may be sent one after the other without waiting', async (t) => {
  const { writer, watcher, name } = await scene(t);
  for (let version = 3; version <= 202; version++) writer.record(RECORD.PATCH, { name, version, path: 'n', value: version });
  for (let version = 3; version <= 202; version++) await watcher.expectRecord(RECORD.PATCH, { name, version, path: 'n', data: version });
  await writer.silent();
});

test('two writers of the same version: the loser is sent the winner\'s write, then VERSION_EXISTS; READ repairs it', async (t) => {
  const [a, b] = await sessions(t, 2);
  const name = unique();
  await a.set(name, { n: 0 });
  await a.subscribe(name);
  await b.subscribe(name);
  for (let version = 2; version <= 20; version++) {
    a.record(RECORD.PATCH, { name, version, path: 'n', value: `a${version}` });
    b.record(RECORD.PATCH, { name, version, path: 'n', value: `b${version}` });
    await until(() => a.inbox.length + b.inbox.length >= 2, 'what the loser is sent');
    await Promise.all([a.head(unique()), b.head(unique())]);
    const [winner, loser] = a.inbox.length === 0 ? ['a', b] : ['b', a];
    assert.equal((winner === 'a' ? a : b).inbox.length, 0, 'the winner gets nothing');
    const [broadcast, exists] = loser.inbox.splice(0);
    assert.deepEqual(broadcast, { topic: TOPIC.RECORD, action: RECORD.PATCH, name, version, path: 'n', data: `${winner}${version}` });
    assert.deepEqual([exists.action, exists.version, exists.data], [RECORD.VERSION_EXISTS, version, { n: `${winner}${version}` }]);
    assert.deepEqual(await loser.snapshot(name), { version, data: { n: `${winner}${version}` } });
  }
});

test('DELETE: DELETE_SUCCESS to who deletes, DELETED to the others, and nobody is subscribed any more', async (t) => {
  const { writer, watcher, name } = await scene(t);
  await writer.subscribe(name);
  writer.record(RECORD.DELETE, { name });
  await writer.expectRecord(RECORD.DELETE_SUCCESS, { name });
  await watcher.expectRecord(RECORD.DELETED, { name });
  const [other] = await sessions(t, 1);
  await other.set(name, { life: 2 });
  await watcher.silent();
  await writer.silent();
});

test('deleting what does not exist succeeds', async (t) => {
  const [session] = await sessions(t, 1);
  const name = unique();
  session.record(RECORD.DELETE, { name });
  await session.expectRecord(RECORD.DELETE_SUCCESS, { name });
  assert.equal(await session.head(name), -1);
});

test('UNSUBSCRIBE is acknowledged by its correlation id and ends the updates', async (t) => {
  const { writer, watcher, name } = await scene(t);
  watcher.record(RECORD.UNSUBSCRIBE, { names: [name], correlationId: name });
  const ack = await watcher.next();
  assert.deepEqual([ack.action, ack.isAck, ack.correlationId], [RECORD.UNSUBSCRIBE, true, name]);
  await writer.set(name, { n: 3 });
  await watcher.silent();
});

test('UNSUBSCRIBE of what is not subscribed is acknowledged as well', async (t) => {
  const { watcher, name } = await scene(t);
  for (const [names, correlationId] of [[[unique()], 'u1'], [[name, unique()], 'u2']]) {
    watcher.record(RECORD.UNSUBSCRIBE, { names, correlationId });
    const ack = await watcher.find((m) => m.isAck && m.correlationId === correlationId);
    assert.equal(ack.action, RECORD.UNSUBSCRIBE);
    for (const each of watcher.inbox.splice(0)) assert.equal(each.action, RECORD.NOT_SUBSCRIBED);
  }
});

test('subscribing twice on one socket: MULTIPLE_SUBSCRIPTIONS and an acknowledgement; updates still come once', async (t) => {
  const { writer, watcher, name } = await scene(t);
  watcher.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId: 'again' });
  await watcher.find((m) => m.isAck && m.correlationId === 'again');
  const multiple = await watcher.findRecord(RECORD.MULTIPLE_SUBSCRIPTIONS, { name });
  assert.ok(multiple.originalAction > 0);
  await watcher.head(name);
  watcher.inbox.length = 0; // perhaps another READ_RESPONSE
  await writer.set(name, { n: 3 });
  await watcher.expectRecord(RECORD.UPDATE, { name, version: 3, data: { n: 3 } });
  await watcher.silent();
});

test('SUBSCRIBEANDHEAD: versions of all names, an acknowledgement, nothing created, and subscribed', async (t) => {
  const { writer, watcher, name } = await scene(t);
  const [session] = await sessions(t, 1);
  const [opened, missing] = [unique(), unique()];
  await watcher.subscribe(opened);
  session.record(RECORD.SUBSCRIBEANDHEAD, { names: [name, opened, missing], correlationId: 'h' });
  const versions = {};
  let acked = 0;
  while (Object.keys(versions).length < 3 || !acked) {
    const frame = await session.next();
    if (frame.isAck) {
      assert.deepEqual([frame.action, frame.correlationId], [RECORD.SUBSCRIBEANDHEAD, 'h']);
      acked++;
    } else if (frame.action === RECORD.HEAD_RESPONSE_BULK) Object.assign(versions, frame.versions);
    else {
      assert.equal(frame.action, RECORD.HEAD_RESPONSE);
      versions[frame.name] = frame.version;
    }
  }
  assert.deepEqual(versions, { [name]: 2, [opened]: 0, [missing]: -1 });
  assert.equal(acked, 1);
  assert.equal(await session.head(missing), -1);
  await writer.set(name, { n: 3 });
  await session.findRecord(RECORD.UPDATE, { name, version: 3 });
  await writer.set(missing, { first: true });
  await session.findRecord(RECORD.UPDATE, { name: missing, version: 1 });
});

test('SUBSCRIBEANDREAD: a missing record is read as {} at -1, not created, and subscribed', async (t) => {
  const { writer, name } = await scene(t);
  const [session] = await sessions(t, 1);
  const missing = unique();
  session.record(RECORD.SUBSCRIBEANDREAD, { names: [name, missing], correlationId: 'r' });
  await session.find((m) => m.isAck && m.correlationId === 'r' && m.action === RECORD.SUBSCRIBEANDREAD);
  const there = await session.findRecord(RECORD.READ_RESPONSE, { name });
  assert.deepEqual([there.version, there.data], [2, { n: 2 }]);
  const not = await session.findRecord(RECORD.READ_RESPONSE, { name: missing });
  assert.deepEqual([not.version, not.data], [-1, {}]);
  assert.equal(await session.head(missing), -1);
  await writer.set(missing, { first: true });
  const update = await session.findRecord(RECORD.UPDATE, { name: missing });
  assert.deepEqual([update.version, update.data], [1, { first: true }]);
});

test('SUBSCRIBE alone: acknowledged, subscribed, nothing read', async (t) => {
  const { writer, name } = await scene(t);
  const [session] = await sessions(t, 1);
  session.record(RECORD.SUBSCRIBE, { names: [name], correlationId: 's' });
  const ack = await session.next();
  assert.deepEqual([ack.action, ack.isAck, ack.correlationId], [RECORD.SUBSCRIBE, true, 's']);
  await writer.set(name, { n: 3 });
  await session.expectRecord(RECORD.UPDATE, { name, version: 3, data: { n: 3 } });
});

test('subscribing under a stream of writes: after READ_RESPONSE of v comes v+1, and so on without a gap', async (t) => {
  const [writer] = await sessions(t, 1);
  const readers = await sessions(t, 6);
  const name = unique();
  await writer.set(name, { n: 1 });
  const last = 400;
  const reading = readers.map(async (reader, index) => {
    await until(async () => (await reader.head(name)) > index * 50, 'some writes');
    const { version, data } = await reader.subscribe(name);
    assert.equal(data.n, version);
    for (let next = version + 1; next <= last; next++) {
      await reader.expectRecord(RECORD.PATCH, { name, version: next, path: 'n', data: next });
    }
  });
  for (let version = 2; version <= last; version++) {
    await writer.write(RECORD.PATCH, { name, version, path: 'n', value: version });
  }
  await Promise.all(reading);
});

test('data is passed on as it was: numbers, escapes, unicode', async (t) => {
  const { writer, watcher, name } = await scene(t);
  for (const [version, data] of [
    [3, '{"a":1.0,"b":-0.5e-3,"c":123456789012345}'], [4, '{"t":"\\u00fc\\ud83d\\ude00\\n\\"\\\\"}'], [5, ' { "s" : [ 1 , 2 ] } '],
  ]) {
    writer.record(RECORD.UPDATE, { name, version, data });
    const frame = await watcher.findRecord(RECORD.UPDATE, { name });
    assert.deepEqual(json(frame.data), JSON.parse(data));
  }
});
