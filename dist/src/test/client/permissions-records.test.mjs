// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The rules of records over the record frames of `/ws`: what is asked, what new rules end, and what never leaves.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { random, seeds } from './dice.mjs';
import { all, rules as allBut, RuledServer, token } from './ruled.mjs';
import { SyncSession } from './sync.mjs';

const rules = (record = {}, more = {}) => allBut({ record, more });

const server = new RuledServer();
after(() => server.dispose());
await server.start();
const reload = (content) => server.reload(content);

const user = (t, name) => SyncSession.open(t, server, { query: `?token=${token(name)}` });
const users = (t) => Promise.all([user(t, 'ann'), user(t, 'bob')]);

let lastRef = 0;

/// Asks something about records; what it is answered with.
function ask(session, frame) {
  const ref = `a${++lastRef}`;
  session.say({ type: 'record', ...frame, ref });
  return session.expect({ ref });
}

async function refused(session, frame) {
  const answer = await ask(session, frame);
  assert.equal(answer.type, 'error', JSON.stringify(answer));
  return answer.code;
}

async function done(session, frame) {
  const answer = await ask(session, frame);
  assert.notEqual(answer.type, 'error', JSON.stringify(answer));
  return answer;
}

const set = (name, data, more) => ({ op: 'set', name, data, ...more });
const patch = (name, key, value) => ({ op: 'set', name, patch: [{ path: key, value }] });

test('every operation asks the rule of its own', async (t) => {
  await reload(rules({
    'unread/*': { ...all, read: false },
    'unmade/*': { ...all, create: false },
    'fixed/*': { ...all, write: "user.id === 'ann'" },
    'lasting/*': { ...all, delete: false },
    'alone/*': { ...all, listen: false, notify: false },
    'broken/*': { ...all, read: 'oldData.a.b.c' },
  }));
  const [ann, bob] = await users(t);
  await done(ann, set('unread/a', { mark: 'hidden' }, { upsert: true }));
  for (const op of ['open', 'head', 'has', 'snapshot']) assert.equal(await refused(bob, { op, name: 'unread/a' }), 'FORBIDDEN', op);
  assert.equal(await refused(bob, { op: 'open', name: 'unread/b', create: true }), 'FORBIDDEN');
  assert.equal(await refused(bob, { op: 'close', name: 'unread/a' }), 'NOT_FOUND', 'what was refused is not open');
  assert.deepEqual(Object.keys(await done(bob, set('unread/a', { mark: 'hidden' }))).sort(), ['name', 'ref', 'revision', 'type']);
  assert.equal(await refused(bob, set('unread/a', {}, { version: 1 })), 'FORBIDDEN', 'a conflict would show what is there');

  assert.equal(await refused(bob, { op: 'open', name: 'unmade/a', create: true }), 'FORBIDDEN');
  assert.equal(await refused(bob, set('unmade/a', {}, { upsert: true })), 'FORBIDDEN');
  assert.equal((await done(bob, { op: 'open', name: 'unmade/a' })).revision, -1);

  await done(ann, set('fixed/a', { n: 1 }, { upsert: true }));
  assert.equal((await done(bob, { op: 'open', name: 'fixed/a' })).revision, 1);
  assert.equal(await refused(bob, set('fixed/a', { n: 2 })), 'FORBIDDEN');
  assert.equal(await refused(bob, set('fixed/a', { n: 2 }, { version: 2 })), 'FORBIDDEN');
  assert.equal(await refused(bob, patch('fixed/a', 'n', 2)), 'FORBIDDEN');
  assert.equal((await done(bob, { op: 'head', name: 'fixed/a' })).revision, 1);

  await done(ann, set('lasting/a', { n: 1 }, { upsert: true }));
  assert.equal(await refused(bob, { op: 'delete', name: 'lasting/a' }), 'FORBIDDEN');
  assert.equal(await refused(bob, { op: 'erase', name: 'lasting/a', patch: [{ path: 'n' }] }), 'FORBIDDEN');

  bob.say({ type: 'listen', ref: 'l1', pattern: 'alone/.*' });
  assert.equal((await bob.expect({ ref: 'l1' })).code, 'FORBIDDEN');
  assert.equal(await refused(bob, { op: 'notify', names: ['fixed/a', 'alone/a'] }), 'FORBIDDEN');

  await done(ann, set('broken/a', {}, { upsert: true }));
  assert.equal(await refused(bob, { op: 'open', name: 'broken/a' }), 'PERMISSION_ERROR');
  await done(ann, set('fixed/a', { n: 3 }));
  await done(ann, set('unread/a', { mark: 'hidden' }));
  assert.equal((await bob.expect({ type: 'recordUpdate' })).name, 'fixed/a');
  await bob.settled();
  assert.deepEqual(bob.frames, []);
});

test('record frames keep to the section of records, documents to theirs', async (t) => {
  await reload(rules({ 'kept/*': { ...all, read: "user.id === 'ann'" } }, {
    sync: { '*': { create: true, read: true, update: true, delete: true, list: true, subscribe: true }, 'other/*': { read: false } },
  }));
  const [ann, bob] = await users(t);
  await done(ann, set('kept/a', { n: 1 }, { upsert: true }));
  await done(ann, set('other/a', { n: 1 }, { upsert: true }));
  assert.equal(await refused(bob, { op: 'snapshot', name: 'kept/a' }), 'FORBIDDEN');
  assert.deepEqual((await bob.done('get', { service: 'kept', id: 'a' })).data, { n: 1 });
  assert.deepEqual((await done(bob, { op: 'snapshot', name: 'other/a' })).data, { n: 1 });
  assert.equal((await bob.refused('get', { service: 'other', id: 'a' })).code, 'FORBIDDEN');
});

test('content that may not be read ends the record, before anything of it is shown', async (t) => {
  await reload(rules({ 'diary/*': { ...all, read: '!oldData?.secret' } }));
  const [ann, bob] = await users(t);
  assert.equal((await done(bob, { op: 'open', name: 'diary/a', create: true })).revision, 0);
  await done(ann, set('diary/a', { n: 1 }));
  assert.deepEqual((await bob.expect({ type: 'recordUpdate' })).data, { n: 1 });
  await done(ann, set('diary/a', { n: 2, secret: 'hidden' }));
  const ended = await bob.expect({ type: 'error', name: 'diary/a' });
  assert.deepEqual([ended.code, ended.status, ended.details], ['FORBIDDEN', 403, undefined]);
  assert.equal(await refused(bob, { op: 'open', name: 'diary/a' }), 'FORBIDDEN');
  await done(ann, set('diary/a', { n: 3 }));
  assert.equal((await done(bob, { op: 'open', name: 'diary/a' })).revision, 3, 'nothing came meanwhile, and it can be opened again');
  // One's own write that makes it unreadable is answered, without what else is in it.
  await done(ann, patch('diary/a', 'other', 'hidden'));
  await bob.expect({ type: 'recordUpdate', revision: 4 });
  const own = await done(bob, patch('diary/a', 'secret', 1));
  assert.deepEqual([own.revision, own.data], [5, undefined]);
  await bob.expect({ type: 'error', name: 'diary/a' });
  await bob.settled();
  assert.doesNotMatch(JSON.stringify(bob.frames), /hidden/);
});

test('new rules end open records and listens, with a notice each', async (t) => {
  await reload(rules());
  const [ann, bob] = await users(t);
  for (const name of ['kept/a', 'kept/b', 'free/a']) await done(bob, { op: 'open', name, create: true });
  bob.say({ type: 'listen', ref: 'l2', pattern: 'kept/.*' });
  await bob.expect({ ref: 'l2' });
  await done(ann, { op: 'open', name: 'kept/a' });
  const asked = await bob.expect({ type: 'listenFound', name: 'kept/a' });
  bob.say({ type: 'listenAnswer', pattern: asked.pattern, name: asked.name, accept: true });
  await ann.expect({ type: 'recordProvider', hasProvider: true });
  await bob.expect({ type: 'recordProvider', hasProvider: true });
  await bob.expect({ type: 'listenFound', name: 'kept/b' });
  assert.equal(await reload(rules({ 'kept/*': { read: "user.id === 'ann'", listen: "user.id === 'ann'" } })), 3);
  for (const what of [{ name: 'kept/a' }, { name: 'kept/b' }, { pattern: 'kept/.*' }]) {
    assert.equal((await bob.expect({ type: 'error', ...what })).code, 'FORBIDDEN');
  }
  await ann.expect({ type: 'recordProvider', hasProvider: false });
  await done(ann, set('kept/a', { n: 1 }));
  await done(ann, { op: 'open', name: 'kept/c', create: true });
  await done(ann, set('free/a', { n: 1 }));
  await bob.expect({ type: 'recordUpdate', name: 'free/a' });
  assert.equal(await refused(bob, { op: 'close', name: 'kept/a' }), 'NOT_FOUND', 'it is not open any more');
  await bob.settled();
  assert.deepEqual(bob.frames.filter((frame) => frame.type !== 'listenRemoved'), []);
});

for (const seed of seeds) {
  test(`whatever happens at once, nothing leaves that may not be read (seed ${seed})`, async (t) => {
    const open = rules({ 'mix/*': { ...all, read: "!oldData || !oldData.secret || user.id === 'ann'" } });
    const shut = rules({ 'mix/*': { ...all, read: "user.id === 'ann'" } });
    await reload(open);
    const [ann, bob] = await users(t);
    const die = random(seed);
    const name = () => `mix/${die.below(3)}`;
    let shown = 0;
    for (let round = 0; round < 16; round++) {
      // While the rules are shut, everything that is written is marked.
      const isShut = round % 4 === 3;
      if (isShut) await reload(shut);
      for (let i = 0; i < 20; i++) {
        const data = isShut || die.chance(0.3) ? { secret: 'hidden', i } : { i };
        const written = name();
        const ref = `${round}-${i}`;
        if (die.chance(0.25)) ann.say({ type: 'sync', requestId: ref, op: 'replace', service: 'mix', id: written.slice(4), data });
        else if (die.chance(0.1)) ann.say({ type: 'record', op: 'delete', ref, name: written });
        else ann.say({ type: 'record', ref, ...set(written, data, { upsert: true }) });
        bob.say({ type: 'record', op: die.chance(0.2) ? 'close' : 'open', name: name() });
        if (die.chance(0.2)) bob.say({ type: 'record', op: 'snapshot', name: name() });
        if (die.chance(0.3)) await done(ann, { op: 'head', name: written });
      }
      if (isShut) {
        for (const id of [0, 1, 2]) await done(ann, set(`mix/${id}`, { i: -1 }, { upsert: true }));
        await reload(open);
      }
      shown += bob.frames.filter((frame) => frame.type === 'recordUpdate').length;
      assert.doesNotMatch(JSON.stringify(bob.frames), /hidden/, `in round ${round}`);
      bob.frames = [];
      ann.frames = [];
    }
    await bob.settled();
    assert.doesNotMatch(JSON.stringify(bob.frames), /hidden/);
    assert.ok(shown > 20, `${shown} updates were seen`);
  });
}
