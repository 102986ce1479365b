// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Live records on `/ws`, frame by frame: what is answered, in which order, and what is not understood.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from './clients.mjs';
import { serverForThisFile } from './server.mjs';
import { SyncSession, uniqueService } from './sync.mjs';

const server = await serverForThisFile();
const small = await serverForThisFile({ limits: { document: '16KiB' } });

/// Of one connection.
const OPEN_MAX = 10_000;
const PATTERNS_MAX = 1_000;

let lastRef = 0;

/// Asks something; what it is answered with.
function ask(session, frame) {
  const ref = `a${++lastRef}`;
  session.say({ type: 'record', ...frame, ref });
  return session.expect({ ref });
}

const set = (name, data, more) => ({ op: 'set', name, data, ...more });

test('a record is opened, written, told of, and deleted', async (t) => {
  const [writer, reader] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `${uniqueService()}/a`;
  assert.deepEqual(await ask(reader, { op: 'open', name }), { type: 'record', name, revision: -1, data: {}, hasProvider: false, ref: `a${lastRef}` });
  await ask(writer, { op: 'open', name, create: true });
  assert.equal((await ask(writer, set(name, { a: 1, list: [1, 2] }, { version: 1 }))).revision, 1);
  assert.deepEqual(await reader.expect({ type: 'recordUpdate' }), { type: 'recordUpdate', name, revision: 1, data: { a: 1, list: [1, 2] } });
  const edits = [{ path: 'pets[1].fur.color', value: 'red' }, { path: 'a' }];
  assert.equal((await ask(writer, { op: 'patch', name, version: 2, patch: edits })).revision, 2);
  assert.deepEqual((await reader.expect({ type: 'recordUpdate' })).patch, edits);
  const blind = await ask(writer, { op: 'erase', name, patch: [{ path: 'list[0]' }] });
  assert.deepEqual(blind.data, { list: [null, 2], pets: [null, { fur: { color: 'red' } }] }, 'a write of any version tells what became of the record');
  const conflict = await ask(reader, set(name, {}, { version: 3 }));
  assert.deepEqual([conflict.code, conflict.status, conflict.details.currentRevision, conflict.details.current.data], ['REVISION_CONFLICT', 409, 3, blind.data]);
  assert.equal((await ask(reader, set(name, {}, { version: 9 }))).code, 'INVALID_VERSION');
  assert.deepEqual((await ask(reader, { op: 'snapshot', name })).data, blind.data);
  await ask(writer, { op: 'delete', name });
  assert.equal((await reader.expect({ type: 'recordDeleted' })).revision, 4);
  assert.equal((await ask(reader, { op: 'has', name })).revision, -1);
  assert.equal((await ask(reader, { op: 'snapshot', name })).code, 'NOT_FOUND');
  assert.equal((await ask(reader, { op: 'close', name })).code, 'NOT_FOUND');
  assert.equal(writer.frames.length, 0, 'nobody is sent what they have written');
});

test('a write that is sent again with its request id is done once', async (t) => {
  const [one, other] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `${uniqueService()}/a`;
  const id = (which) => `${name}-request-${which}`;
  const first = { op: 'set', name, upsert: true, patch: [{ path: 'n', value: 1 }], requestId: id(1) };
  assert.equal((await ask(one, first)).revision, 1);
  await ask(one, set(name, { n: 2 }));
  assert.equal((await ask(other, first)).revision, 1);
  const whole = set(name, { n: 3 }, { requestId: id(2) });
  assert.deepEqual([(await ask(one, whole)).revision, (await ask(other, whole)).revision], [3, 3]);
  const erase = { op: 'erase', name, patch: [{ path: 'n' }], requestId: id(3) };
  assert.deepEqual([(await ask(one, erase)).revision, (await ask(other, erase)).revision], [4, 4]);
  await ask(one, { op: 'delete', name, requestId: id(4) });
  assert.equal((await ask(one, set(name, { life: 2 }, { upsert: true }))).revision, 6);
  assert.notEqual((await ask(other, { op: 'delete', name, requestId: id(4) })).type, 'error');
  assert.deepEqual((await ask(other, { op: 'snapshot', name })).data, { life: 2 });
});

test('broken frames are answered under their ref, cost nobody else, and change nothing', async (t) => {
  const [session, steady] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `${uniqueService()}/h`;
  await ask(steady, set(name, { n: 1 }, { upsert: true }));
  await ask(steady, { op: 'open', name });
  const frame = (members) => JSON.stringify({ type: 'record', ref: 'r', op: 'set', name, data: {}, ...members });
  const patched = (patch, op = 'set') => frame({ op, patch, data: undefined });
  const deep = (levels) => '['.repeat(levels) + ']'.repeat(levels);
  const cases = [
    [frame({ name: undefined }), 'INVALID_ARGUMENT'],
    [frame({ name: 7 }), 'INVALID_ARGUMENT'],
    [frame({ name: '' }), 'INVALID_NAME'],
    [frame({ name: 'x'.repeat(600) }), 'INVALID_NAME'],
    [frame({ name: 'a\u0000b' }), 'INVALID_NAME'],
    [frame({ op: undefined }), 'INVALID_ARGUMENT'],
    [frame({ op: 'explode' }), 'INVALID_ARGUMENT'],
    [frame({ op: ['set'] }), 'INVALID_ARGUMENT'],
    [frame({ data: undefined }), 'INVALID_ARGUMENT'],
    [frame({ data: 5 }), 'INVALID_ARGUMENT'],
    [frame({ data: null }), 'INVALID_ARGUMENT'],
    [frame({ op: 'erase' }), 'INVALID_ARGUMENT'],
    [frame({ patch: [{ path: 'a', value: 1 }] }), 'INVALID_ARGUMENT'],
    [frame({ version: -1 }), 'INVALID_ARGUMENT'],
    [frame({ version: 1.5 }), 'INVALID_ARGUMENT'],
    [frame({ version: '2' }), 'INVALID_ARGUMENT'],
    [frame({ version: 2 ** 60 }), 'INVALID_ARGUMENT'],
    [frame({ upsert: 'yes' }), 'INVALID_ARGUMENT'],
    [frame({ vesion: 2 }), 'INVALID_ARGUMENT'],
    [frame({ requestId: 4 }), 'INVALID_ARGUMENT'],
    [frame({ requestId: 'x'.repeat(300) }), 'INVALID_ARGUMENT'],
    [patched({}), 'INVALID_ARGUMENT'],
    [patched([]), 'INVALID_ARGUMENT'],
    [patched([1]), 'INVALID_ARGUMENT'],
    [patched([{ value: 1 }]), 'INVALID_ARGUMENT'],
    [patched([{ path: 'a' }]), 'INVALID_ARGUMENT'],
    [patched([{ path: 'a', value: 1 }], 'erase'), 'INVALID_ARGUMENT'],
    [patched([{ path: 'a', vlaue: 1 }], 'patch'), 'INVALID_ARGUMENT'],
    [patched([{ path: '', value: 1 }]), 'INVALID_PATH'],
    [patched([{ path: 'a[x]', value: 1 }]), 'INVALID_PATH'],
    [patched([{ path: '__proto__.x', value: 1 }]), 'FORBIDDEN_KEY'],
    [patched([{ path: 'x'.repeat(3000), value: 1 }]), 'INVALID_PATH'],
    [patched([{ path: 'a[99999999]', value: 1 }]), 'INVALID_PATH'],
    [patched(Array.from({ length: 20_000 }, () => ({ path: 'a', value: 1 }))), 'TOO_MANY_OPS'],
    [frame({}).replace('{}', '{"__proto__":1}'), 'FORBIDDEN_KEY'],
    [frame({}).replace('{}', '{"a":1,"a":2}'), 'INVALID_JSON'],
    [frame({}).replace('{}', '{"a":1e999}'), 'NUMBER_OUT_OF_RANGE'],
    [frame({}).replace('{}', `{"a":${deep(64)}}`), 'TOO_DEEP'],
    [frame({}).replace('{}', `{"a":${deep(10_000)}}`), 'TOO_DEEP'],
    [patched([{ path: 'a', value: 0 }]).replace('"value":0', `"value":${deep(64)}`), 'TOO_DEEP'],
    [frame({ data: { a: 'x'.repeat((1 << 20) + 10) } }), 'DOCUMENT_TOO_LARGE'],
    [frame({ data: { a: Array.from({ length: 100_001 }, () => 1) } }), 'DOCUMENT_TOO_LARGE'],
    [frame({ op: 'open', data: undefined, create: 1 }), 'INVALID_ARGUMENT'],
    [frame({ op: 'open', data: {} }), 'INVALID_ARGUMENT'],
    [frame({ op: 'close', data: undefined, name: `${name}-other` }), 'NOT_FOUND'],
    [frame({ op: 'snapshot', data: undefined, name: `${name}-other` }), 'NOT_FOUND'],
    [frame({ name: `${name}-other` }), 'NOT_FOUND'],
    [frame({ op: 'notify', data: undefined }), 'INVALID_ARGUMENT'],
    [frame({ op: 'notify', data: undefined, name: undefined, names: name }), 'INVALID_ARGUMENT'],
    [frame({ op: 'notify', data: undefined, name: undefined, names: [name, 3] }), 'INVALID_ARGUMENT'],
    [frame({ op: 'notify', data: undefined, name: undefined, names: Array(20_000).fill(name) }), 'INVALID_ARGUMENT'],
    ['{"type":"listen","ref":"r"}', 'INVALID_ARGUMENT'],
    ['{"type":"listen","ref":"r","pattern":"("}', 'INVALID_PATTERN'],
    [`{"type":"listen","ref":"r","pattern":"${'x'.repeat(5000)}"}`, 'INVALID_PATTERN'],
    ['{"type":"listen","ref":"r","pattern":["a"]}', 'INVALID_ARGUMENT'],
    ['{"type":"listenAnswer","ref":"r","pattern":"a","name":"b","accept":"yes"}', 'INVALID_ARGUMENT'],
  ];
  for (const [text, code] of cases) {
    session.say(text);
    const answer = await session.expect({ ref: 'r' });
    assert.deepEqual([answer.type, answer.code], ['error', code], `${text.slice(0, 120)}: ${answer.message}`);
  }
  // What nobody asked about is no answer to anything.
  session.say({ type: 'listenAnswer', pattern: 'never', name: 'asked', accept: true });
  session.say({ type: 'unlisten', ref: 'u', pattern: 'never' });
  assert.equal((await session.expect({ ref: 'u' })).type, 'unlistened');
  await session.settled();
  assert.deepEqual([session.frames, steady.frames], [[], []]);
  assert.equal((await ask(steady, { op: 'head', name })).revision, 1);
});

test('a document of the greatest depth is taken, in an array of frames, too', async (t) => {
  const session = await SyncSession.open(t, server);
  const name = `${uniqueService()}/d`;
  const nested = (levels) => JSON.parse('{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1));
  session.say([{ type: 'record', ref: 'x', upsert: true, ...set(name, nested(64)) }]);
  assert.equal((await session.expect({ ref: 'x' })).revision, 1);
  session.say([{ type: 'record', ref: 'y', ...set(name, nested(65)) }]);
  assert.equal((await session.expect({ ref: 'y' })).code, 'TOO_DEEP');
});

test('a connection has its number of open records and patterns, and others have theirs', async (t) => {
  const [flooding, steady] = [await SyncSession.open(t, small), await SyncSession.open(t, small)];
  const service = uniqueService();
  const frames = (count, frame) => Array.from({ length: count }, (_, i) => frame(i));
  const flood = (all) => {
    while (all.length > 0) flooding.say(all.splice(0, 100));
  };
  const answers = async (count) => {
    await until(() => flooding.frames.length >= count, `${count} answers`);
    return flooding.frames.splice(0).map((frame) => frame.code ?? frame.type);
  };
  flood(frames(OPEN_MAX + 100, (i) => ({ type: 'record', ref: `o${i}`, op: 'open', name: `${service}/${i}`, create: i >= OPEN_MAX })));
  const opened = await answers(OPEN_MAX + 100);
  assert.deepEqual([opened.filter((each) => each === 'record').length, opened.filter((each) => each === 'LIMIT_REACHED').length], [OPEN_MAX, 100]);
  assert.equal((await ask(steady, { op: 'has', name: `${service}/${OPEN_MAX}` })).revision, -1, 'what was refused is not made');
  await ask(steady, { op: 'open', name: `${service}/0`, create: true });
  assert.equal((await ask(flooding, { op: 'open', name: `${service}/0` })).revision, 0, 'open already: it takes no room');
  await ask(flooding, { op: 'close', name: `${service}/0` });
  assert.equal((await ask(flooding, { op: 'open', name: `${service}/a`, create: true })).revision, 0, 'there is room again');
  await ask(steady, { op: 'delete', name: `${service}/a` });
  await flooding.expect({ type: 'recordDeleted' });
  assert.equal((await ask(flooding, { op: 'open', name: `${service}/b` })).revision, -1, 'what is deleted is not open');
  assert.equal((await ask(flooding, { op: 'open', name: `${service}/c` })).code, 'LIMIT_REACHED');
  flood(frames(PATTERNS_MAX + 50, (i) => ({ type: 'listen', ref: `l${i}`, pattern: `^${service}-${i}/` })));
  const listening = await answers(PATTERNS_MAX + 50);
  assert.deepEqual(listening.filter((each) => each !== 'listening'), Array(50).fill('LIMIT_REACHED'));
  await steady.settled();
});

test('a flood of opens and closes of one record leaves it as it was asked for last', async (t) => {
  const [session, writer] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  const name = `${uniqueService()}/f`;
  for (let i = 0; i < 200; i++) {
    session.say([{ type: 'record', ref: 'f', op: 'open', name, create: true }, { type: 'record', ref: 'f', op: 'open', name }, { type: 'record', op: 'close', name }]);
  }
  await until(() => session.frames.filter((frame) => frame.ref === 'f').length === 400, 'an answer to each');
  await session.settled();
  session.frames = [];
  await ask(writer, set(name, { n: 1 }));
  await ask(session, { op: 'head', name });
  assert.deepEqual(session.frames, [], 'it is not open');
  await ask(session, { op: 'open', name });
  await ask(writer, set(name, { n: 2 }));
  assert.equal((await session.expect({ type: 'recordUpdate' })).revision, 2);
});

test('a message with a record that is larger than any document ends the connection alone', async (t) => {
  const [large, steady] = [await SyncSession.open(t, small), await SyncSession.open(t, small)];
  large.say(JSON.stringify({ type: 'record', ref: 'r', ...set('big/a', { a: 'x'.repeat(1 << 20) }) }));
  assert.equal(await large.end(), 1009);
  await steady.settled();
});
