// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// How a change becomes a frame for those who watch. A frame in the wrong form corrupts the client silently: a PATCH to an
// open list, a hole in an array, a path that is read differently than it was meant.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, json, open, unique, untilEqual } from './clients.mjs';
import { applied } from './path.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

/// A record with this data, a writer, one watcher as the 7.0 client and one as 7.1, and the npm client with it open.
async function watched(t, data) {
  const name = unique();
  const writer = await Session.login(t, server, { sdkVersion: '7.1.0' });
  await writer.set(name, data);
  const watchers = {
    old: await Session.login(t, server, { sdkVersion: '7.0.5' }), modern: await Session.login(t, server, { sdkVersion: '7.1.0' }),
  };
  for (const session of Object.values(watchers)) await session.subscribe(name);
  const npm = await connect(t, server);
  return { name, writer, ...watchers, npm, record: await open(npm, name), data, version: 1 };
}

/// Writes, and gives the one frame each watcher got, having checked that it leads to exactly the document there is.
async function frames(scene, action, fields) {
  await scene.writer.write(action, { name: scene.name, version: -1, ...fields });
  const before = scene.data;
  const truth = await scene.writer.snapshot(scene.name);
  const seen = {};
  for (const who of ['old', 'modern']) {
    const frame = await scene[who].next();
    assert.equal(frame.name, scene.name);
    assert.equal(frame.version, scene.version + 1, 'the resulting version');
    assert.equal(frame.correlationId, undefined);
    assert.deepEqual(applied(before, frame), truth.data, `what ${who} shows after ${JSON.stringify(frame)}`);
    await scene[who].silent('one frame per change');
    seen[who] = frame;
  }
  await untilEqual(() => scene.record.version, truth.version);
  assert.deepEqual(json(scene.record.get()), truth.data, 'what the npm client shows');
  scene.data = truth.data;
  scene.version = truth.version;
  return seen;
}

const both = (seen, action, fields = {}) => {
  for (const frame of Object.values(seen)) {
    assert.equal(frame.action, action);
    for (const [key, value] of Object.entries(fields)) assert.deepEqual(frame[key], value);
  }
};

test('(a) a whole write is UPDATE with the full data', async (t) => {
  const scene = await watched(t, { a: 1 });
  both(await frames(scene, RECORD.UPDATE, { value: { a: 1, b: { c: [1] } } }), RECORD.UPDATE);
  both(await frames(scene, RECORD.CREATEANDUPDATE, { value: {} }), RECORD.UPDATE, { data: {} });
});

test('(a) an array at the root is UPDATE with the full data, also when one element was written [own rule]', async (t) => {
  const scene = await watched(t, ['x', 'y']);
  both(await frames(scene, RECORD.CREATEANDPATCH, { path: '1', value: 'z' }), RECORD.UPDATE, { data: ['x', 'z'] });
  both(await frames(scene, RECORD.CREATEANDPATCH, { path: '2', value: 'w' }), RECORD.UPDATE, { data: ['x', 'z', 'w'] });
  both(await frames(scene, RECORD.CREATEANDUPDATE, { value: ['x'] }), RECORD.UPDATE, { data: ['x'] });
});

test('(a) from object to array and back is UPDATE', async (t) => {
  const scene = await watched(t, { a: 1 });
  both(await frames(scene, RECORD.CREATEANDUPDATE, { value: ['a'] }), RECORD.UPDATE, { data: ['a'] });
  both(await frames(scene, RECORD.CREATEANDUPDATE, { value: { a: 1 } }), RECORD.UPDATE, { data: { a: 1 } });
});

test('(a) an open list that is written by path stays whole in the npm client [own rule]', async (t) => {
  const [writer, npm] = [await Session.login(t, server), await connect(t, server)];
  const name = unique();
  await writer.set(name, ['a', 'b', 'c']);
  const list = await npm.record.getList(name).whenReady();
  await writer.patch(name, '1', 'B');
  await untilEqual(() => json(list.getEntries()), ['a', 'B', 'c']);
  await writer.patch(name, '3', 'd');
  await untilEqual(() => json(list.getEntries()), ['a', 'B', 'c', 'd']);
});

test('(b) one set is PATCH with the path and the value', async (t) => {
  const scene = await watched(t, { a: { b: 1 }, list: [1, 2, 3] });
  for (const [path, value] of [
    ['n', 1], ['a.b', 2], ['a.b', null], ['a.c', { d: [] }], ['a.c.e', 'x'], ['list[1]', 'y'], ['list[0]', { z: 1 }], ['list[0].z', 2],
    ['with space', 1], ['ünï.日本', 1], ['7', 'numeric name'],
  ]) {
    both(await frames(scene, RECORD.CREATEANDPATCH, { path, value }), RECORD.PATCH, { data: value });
  }
});

test('(b) one erase is PATCH without data', async (t) => {
  const scene = await watched(t, { a: { b: 1, c: 2 }, d: 3, list: [{ x: 1, y: 2 }] });
  for (const path of ['a.b', 'd', 'list[0].x', 'a']) {
    both(await frames(scene, RECORD.ERASE, { path }), RECORD.PATCH, { data: undefined });
  }
});

test('(b) other spellings of a path lead to the same document', async (t) => {
  const scene = await watched(t, { a: {} });
  for (const path of [' a . b ', 'a..c', '.a.d.', 'x[1][0]', 'x[1][1].y', 'x.0', 'x[1].0', '[0]', 'e[0', 'f]1[']) {
    await frames(scene, RECORD.CREATEANDPATCH, { path, value: path });
  }
});

test('(b) paths that create what they need, over scalars and arrays', async (t) => {
  const scene = await watched(t, { s: 1, t: 'text', list: [1] });
  for (const path of ['s.x', 't[2].y', 'new.a.b[2].c', 'new.a.b[0]', 'list[0].x', 'list[0].x.y']) {
    await frames(scene, RECORD.CREATEANDPATCH, { path, value: 'v' });
  }
});

test('(b) beside a key with a dot, an empty key, or brackets: paths do not touch it', async (t) => {
  const scene = await watched(t, { 'a.b': 1, '': { x: 1 }, 'c[0]': 1, a: { b: 1 }, ' d ': 1 });
  for (const path of ['a.b', 'c[0]', 'd', 'e.f']) {
    await frames(scene, RECORD.CREATEANDPATCH, { path, value: 'v' });
  }
  assert.equal(scene.data['a.b'], 1);
  assert.equal(scene.data['c[0]'], 1);
  assert.equal(scene.data[' d '], 1);
});

test('(c) several operations: PATCH_MULTI from 7.1 on; before, one PATCH at the common ancestor [7.1]', async (t) => {
  const scene = await watched(t, { a: { b: { x: 1, y: 2, keep: 3 }, c: 1 }, d: 1 });
  const multi = (...ops) => ({ value: ops.map(([path, data]) => ({ path, data })) });
  let seen = await frames(scene, RECORD.PATCH_MULTI, multi(['a.b.x', 10], ['a.b.y', 20]));
  assert.equal(seen.modern.action, RECORD.PATCH_MULTI);
  assert.deepEqual([seen.old.action, seen.old.path, seen.old.data], [RECORD.PATCH, 'a.b', { x: 10, y: 20, keep: 3 }]);
  seen = await frames(scene, RECORD.PATCH_MULTI, multi(['a.b.x', 11], ['a.c', 2]));
  assert.equal(seen.modern.action, RECORD.PATCH_MULTI);
  assert.deepEqual([seen.old.action, seen.old.path], [RECORD.PATCH, 'a']);
});

test('(c) several operations with no ancestor but the root: UPDATE for sessions before 7.1 [7.1]', async (t) => {
  const scene = await watched(t, { a: 1, b: { c: 1 } });
  const seen = await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'a', data: 2 }, { path: 'b.c' }] });
  assert.equal(seen.modern.action, RECORD.PATCH_MULTI);
  assert.deepEqual([seen.old.action, seen.old.data], [RECORD.UPDATE, { a: 2, b: {} }]);
});

test('(c) a single operation in a multi-patch [7.1]', async (t) => {
  const scene = await watched(t, { a: { b: 1 } });
  const seen = await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'a.b', data: 2 }] });
  assert.deepEqual([seen.old.action, seen.old.path, seen.old.data], [RECORD.PATCH, 'a.b', 2]);
});

test('(c) an ancestor whose key no path can name is passed over for one that can be named [7.1]', async (t) => {
  const scene = await watched(t, { top: { 'dotted.key': { x: 1, y: 1 }, plain: {} } });
  await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'top.plain.a', data: 1 }, { path: 'top.plain.b', data: { 'in.ner': 1 } }] });
  await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'top.plain.a', data: 2 }, { path: 'top.n', data: 3 }] });
  assert.deepEqual(scene.data.top['dotted.key'], { x: 1, y: 1 });
});

// The original sends these as they came, and leaves holes where the document has null.
test('(d) an erased array element and a gap before a new one are null for everybody [own rule]', async (t) => {
  const scene = await watched(t, { list: [1, 2, 3], deep: [{ a: [1, 2] }] });
  await frames(scene, RECORD.ERASE, { path: 'list[1]' });
  await frames(scene, RECORD.CREATEANDPATCH, { path: 'list[6]', value: 7 });
  await frames(scene, RECORD.ERASE, { path: 'deep[0].a[0]' });
  await frames(scene, RECORD.CREATEANDPATCH, { path: 'deep[0].a[4]', value: 4 });
  await frames(scene, RECORD.CREATEANDPATCH, { path: 'deep[3].b', value: 4 });
  assert.deepEqual(scene.data, {
    list: [1, null, 3, null, null, null, 7], deep: [{ a: [null, 2, null, null, 4] }, null, null, { b: 4 }],
  });
});

test('(d) erasing in an array that is not there yet: the client would fill it up to the place [own rule]', async (t) => {
  const scene = await watched(t, { n: 1 });
  await frames(scene, RECORD.ERASE, { path: 'list[3]' });
  await frames(scene, RECORD.ERASE, { path: 'other[2].x' });
});

test('(d) the same within several operations [7.1]', async (t) => {
  const scene = await watched(t, { list: [1, 2, 3], n: 1 });
  await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'list[1]' }, { path: 'n', data: 2 }] });
  await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'list[5]', data: 6 }, { path: 'n', data: 3 }] });
  await frames(scene, RECORD.PATCH_MULTI, { value: [{ path: 'new[2]' }, { path: 'n', data: 4 }] });
});

test('(d) an array written whole inside the record: PATCH of the whole array', async (t) => {
  const scene = await watched(t, { list: [1, 2, 3], n: 1 });
  for (const value of [[1, 3], [0, 1, 3], [3, 1, 0], []]) {
    both(await frames(scene, RECORD.CREATEANDPATCH, { path: 'list', value }), RECORD.PATCH, { path: 'list', data: value });
  }
});

test('(d) appending by path', async (t) => {
  const scene = await watched(t, { list: ['a'] });
  for (let n = 1; n <= 4; n++) await frames(scene, RECORD.CREATEANDPATCH, { path: `list[${n}]`, value: n });
  assert.deepEqual(scene.data.list, ['a', 1, 2, 3, 4]);
});

test('(e) a change that changes nothing still carries its version', async (t) => {
  const scene = await watched(t, { a: { b: 1 }, big: 'x'.repeat(1000) });
  await frames(scene, RECORD.CREATEANDPATCH, { path: 'a.b', value: 1 });
  await frames(scene, RECORD.ERASE, { path: 'nothing' });
  await frames(scene, RECORD.CREATEANDUPDATE, { value: scene.data });
  assert.equal(scene.version, 4);
});

test('(e) also when there is nothing in the record, or only what no path can name', async (t) => {
  const scene = await watched(t, {});
  await frames(scene, RECORD.ERASE, { path: 'nothing' });
  await frames(scene, RECORD.CREATEANDUPDATE, { value: { 'a.b': 1 } });
  await frames(scene, RECORD.ERASE, { path: 'nothing' });
  assert.deepEqual(scene.data, { 'a.b': 1 });
});

test('(e) erasing below what is not there creates the way there, for everybody', async (t) => {
  const scene = await watched(t, { a: 1 });
  await frames(scene, RECORD.ERASE, { path: 'x.y.z' });
  await frames(scene, RECORD.ERASE, { path: 'a.b' });
});

test('(f) delete is DELETED', async (t) => {
  const scene = await watched(t, { a: 1 });
  await scene.writer.remove(scene.name);
  for (const who of ['old', 'modern']) {
    await scene[who].expectRecord(RECORD.DELETED, { name: scene.name });
    await scene[who].silent();
  }
});
