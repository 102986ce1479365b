// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Bad input, and the defects of the original server that must not be copied: each of these has ended its process, or
// told somebody something wrong. After every one the server is up and serves others.
import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { connect, json, open, rejection, unique, untilEqual, within } from './clients.mjs';
import { AUTH, RECORD, Session, TOPIC, frame } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

// A test that ended the server has failed; the next ones are to be judged by themselves.
beforeEach(async (t) => {
  if (await Session.open(t, server.url).then(() => true, () => false)) return;
  await server.ended();
  await server.start();
});

/// Runs the bad thing and then sees that the server still serves a client that was there before, and a new one.
async function survives(t, bad) {
  const before = await Session.login(t, server);
  const name = unique();
  await before.set(name, { fine: true });
  await before.subscribe(name);
  await bad(before, name);
  const after = await Session.login(t, server);
  await after.set(name, { still: 'fine' });
  const update = await before.findRecord(RECORD.UPDATE, { name });
  assert.deepEqual(update.data, { still: 'fine' });
}

const BAD_JSON = ['notjson', '', '{', '{"a":', '[1,', '{"a":1}x', "{'a':1}", '{"a":NaN}', '{"a":01}', '\u0000', '{"a":"\u0001"}', 'undefined'];

for (const data of BAD_JSON) {
  test(`malformed JSON at login: ${JSON.stringify(data)} [own rule]`, async (t) => {
    await survives(t, async () => {
      const session = await Session.open(t, server.url);
      await session.challenge();
      session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data });
      await session.expect({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA });
      await within(session.closed, 'the close');
    });
  });
}

for (const data of ['null', '[]']) {
  test(`login with ${data}, which is no object [own rule]`, async (t) => {
    const session = await Session.open(t, server.url);
    await session.challenge();
    session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data });
    await session.expect({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA });
    await within(session.closed, 'the close');
  });
}

const WRITES = [
  [RECORD.UPDATE, {}], [RECORD.CREATEANDUPDATE, {}], [RECORD.PATCH, { path: 'a' }], [RECORD.CREATEANDPATCH, { path: 'a' }],
  [RECORD.PATCH_MULTI, {}],
];

/// Every kind of write with this data is refused, with and without acknowledgement, and changes nothing.
async function refused(t, data, writes = WRITES) {
  await survives(t, async (session, name) => {
    for (const [action, fields] of writes) {
      session.record(action, { name, version: -1, data, ...fields });
      await session.findRefusal(action, name);
      session.record(action, { name, version: -1, data, ...fields, isWriteAck: true, correlationId: 'bad' });
      const reply = await session.find((m) => m.correlationId === 'bad');
      assert.deepEqual([reply.isError, reply.isWriteAck], [true, true], `action ${action}`);
    }
    assert.deepEqual(await session.snapshot(name), { version: 1, data: { fine: true } });
  });
}

for (const data of BAD_JSON) {
  test(`malformed JSON in a write: ${JSON.stringify(data)} [own rule]`, (t) => refused(t, data));
}

for (const [what, data] of Object.entries({
  'a number beyond every double': '{"a":1e400}',
  'a duplicate key': '{"a":1,"a":2}',
  '__proto__ as a key': '{"__proto__":{"polluted":true}}',
  '__proto__ deep inside': '{"a":[{"__proto__":1}]}',
  'a lone surrogate': '{"a":"\\ud800"}',
  'nesting deeper than any limit': '['.repeat(100_000) + ']'.repeat(100_000),
  'nested objects, 1000 deep': '{"a":'.repeat(1000) + '1' + '}'.repeat(1000),
})) {
  test(`a write with ${what} [own rule]`, (t) => refused(t, data));
}

test('a write without data [own rule]', async (t) => {
  await survives(t, async (session, name) => {
    for (const action of [RECORD.UPDATE, RECORD.CREATEANDUPDATE, RECORD.PATCH_MULTI]) {
      session.record(action, { name, version: -1 });
      await session.findRefusal(action, name);
    }
    assert.equal(await session.head(name), 1);
  });
});

test('a path through null: treated like a missing one [own rule]', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const record = await open(a, name);
  await record.setWithAck('a', null);
  await record.setWithAck('a.b', 1);
  await record.setWithAck('list', [null]);
  await record.setWithAck('list[0].x', 2);
  const b = await connect(t, server);
  assert.deepEqual(json(await b.record.snapshot(name)), { a: { b: 1 }, list: [{ x: 2 }] });
});

test('erasing through null [own rule]', async (t) => {
  await survives(t, async (session) => {
    const name = unique();
    await session.set(name, { a: null });
    await session.write(RECORD.ERASE, { name, version: -1, path: 'a.b.c' });
    assert.equal(await session.head(name), 2);
  });
});

test('a refused acknowledged write is never a success for the npm client [own rule]', async (t) => {
  const a = await connect(t, server);
  const name = unique();
  const record = await open(a, name);
  assert.equal(await rejection(record.setWithAck('__proto__x.__proto__', 1)), 'INVALID_MESSAGE_DATA');
  const other = await Session.login(t, server);
  assert.equal(await other.head(name), 0);
});

test('a huge array index is refused, not allocated [own rule]', async (t) => {
  await survives(t, async (session, name) => {
    for (const path of ['a[2147483647]', 'a[9007199254740991]', 'a[100000000]', 'a[99999999][99999999]', `a[${'9'.repeat(400)}]`]) {
      session.record(RECORD.PATCH, { name, version: 2, path, value: 1 });
      await session.findRefusal(RECORD.PATCH, name);
    }
    assert.deepEqual(await session.snapshot(name), { version: 1, data: { fine: true } });
  });
});

test('a very long path is refused or written, and then the same for everybody [own rule]', async (t) => {
  await survives(t, async (session, name) => {
    session.record(RECORD.PATCH, { name, version: 2, path: Array(50_000).fill('a').join('.'), value: 1, isWriteAck: true, correlationId: 'deep' });
    const reply = await session.find((m) => m.correlationId === 'deep');
    assert.equal(reply.isError, true, 'deeper than the limit');
    assert.equal(await session.head(name), 1);
  });
});

test('a catastrophic listen pattern stalls nobody [own rule]', async (t) => {
  await survives(t, async (session) => {
    const provider = await Session.login(t, server);
    const prefix = unique('evil');
    for (const pattern of [`^${prefix}/(a+)+$`, `^${prefix}/(a|aa)+$`, `^${prefix}/(.*a){30}$`, `^${prefix}/(a*)*b`]) {
      provider.record(RECORD.LISTEN, { name: pattern });
    }
    await provider.head(unique());
    await session.subscribe(`${prefix}/${'a'.repeat(400)}!`);
    assert.equal(await session.head(unique()), -1);
  });
});

test('a very long pattern [own rule]', async (t) => {
  await survives(t, async () => {
    const provider = await Session.login(t, server);
    for (const pattern of ['('.repeat(10_000), 'a?'.repeat(50_000), '(a{1000}){1000}', '']) {
      provider.record(RECORD.LISTEN, { name: pattern });
    }
    await provider.head(unique());
  });
});

test('invalid UTF-8 in names, paths and data [own rule]', async (t) => {
  const broken = Buffer.from([0x61, 0xff, 0xfe, 0xc3]);
  await survives(t, async (session, name) => {
    const bad = await Session.login(t, server);
    bad.send(TOPIC.RECORD, { action: RECORD.HEAD, name: broken });
    bad.send(TOPIC.RECORD, { action: RECORD.PATCH, name, version: 2, path: broken, data: '1' });
    bad.send(TOPIC.RECORD, { action: RECORD.PATCH, name, version: 2, path: 'a', data: Buffer.concat([Buffer.from('"'), broken, Buffer.from('"')]) });
    bad.send(TOPIC.RECORD, { action: RECORD.LISTEN, name: broken });
    // Each is answered by an error, or the connection ends; no document changes.
    await Promise.race([bad.closed, bad.head(unique()).catch(() => {})]);
    assert.deepEqual(await session.snapshot(name), { version: 1, data: { fine: true } });
  });
});

test('requests without the fields they need are refused or ignored, never fatal [own rule]', async (t) => {
  await survives(t, async () => {
    const session = await Session.login(t, server);
    for (const action of Object.values(RECORD)) session.record(action, {});
    for (const action of Object.values(RECORD)) session.record(action, { names: [] });
    await Promise.race([session.closed, session.head(unique())]);
  });
});

test('wrong field types and truncated messages', async (t) => {
  await survives(t, async () => {
    const session = await Session.login(t, server);
    for (const hex of ['', '08', '0803', '080332', '08033205', '3801', '3203ffffff', '6805', 'ffffffffffffffffffffff', '0b', '7a00']) {
      session.sendBytes(frame(TOPIC.RECORD, Buffer.from(hex, 'hex')));
    }
    for (const hex of ['', '00', '01', '7f', '05100a', '80808080808080808080']) session.sendBytes(Buffer.from(hex, 'hex'));
    await Promise.race([session.closed, session.head(unique())]);
  });
});

test('a document above the limit is refused with a typed error [own rule]', async (t) => {
  await survives(t, async (session, name) => {
    const big = 'x'.repeat(600 * 1024);
    await session.write(RECORD.PATCH, { name, version: 2, path: 'one', value: big });
    session.record(RECORD.PATCH, { name, version: 3, path: 'two', value: big, isWriteAck: true, correlationId: 'big' });
    const reply = await session.find((m) => m.correlationId === 'big');
    assert.deepEqual([reply.isError, reply.isWriteAck], [true, true]);
    assert.equal(await session.head(name), 2);
  });
});

test('a client that never reads does not hold up the others', async (t) => {
  await survives(t, async (session) => {
    const name = unique();
    const stuck = await Session.login(t, server);
    await stuck.subscribe(name);
    stuck.socket.pause();
    const reader = await Session.login(t, server);
    await reader.subscribe(name);
    const text = 'x'.repeat(50_000);
    for (let version = 1; version <= 200; version++) {
      await session.write(RECORD.CREATEANDUPDATE, { name, version: -1, value: { version, text } });
      const update = await reader.findRecord(RECORD.UPDATE, { name });
      assert.equal(update.version, version);
    }
    stuck.socket.terminate();
  });
});

test('two npm clients work on while bad frames arrive', async (t) => {
  const [a, b] = [await connect(t, server), await connect(t, server)];
  const name = unique();
  const [mine, theirs] = await Promise.all([open(a, name), open(b, name)]);
  const bad = await Session.login(t, server);
  for (let n = 1; n <= 50; n++) {
    bad.sendBytes(Buffer.from(Array.from({ length: n }, (_, i) => (i * 37 + n * 101) & 0xff)));
    mine.set('n', n);
    await untilEqual(() => theirs.get('n'), n);
    if (bad.isClosed) break;
  }
});
