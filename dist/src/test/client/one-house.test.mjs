// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// One engine behind two doors: what is written as a document shows on the npm client's open record, with its version,
// and the other way round; deletions, next lives, lists and conflicts too.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, json, unique, until, untilEqual } from './clients.mjs';
import { random, seeds, unprototyped } from './dice.mjs';
import { Documents } from './documents.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();
const cars = new Documents(server, 'car');
const ok = ({ status, body }) => (assert.ok(status < 300, JSON.stringify(body)), body);
const fresh = () => unique().replace('/', '-');

test('a document write shows on an open record, field by field and as a whole', async (t) => {
  const npm = await connect(t, server);
  const id = fresh();
  await cars.create({ speed: 1, driver: { name: 'Ada' } }, id);
  const record = await npm.record.getRecord(`car/${id}`).whenReady();
  assert.deepEqual([json(record.get()), record.version], [{ speed: 1, driver: { name: 'Ada' } }, 1]);
  const names = [];
  record.subscribe('driver.name', (name) => names.push(name));
  await cars.mutate(id, { 'driver.name': 'Eve', speed: { $inc: 2 } });
  await untilEqual(() => [json(record.get()), record.version], [{ speed: 3, driver: { name: 'Eve' } }, 2]);
  await cars.merge(id, { driver: { age: 4 }, speed: null });
  await untilEqual(() => [json(record.get()), record.version], [{ driver: { name: 'Eve', age: 4 } }, 3]);
  await cars.replace(id, { driver: { name: 'Eve' }, list: [1] });
  await cars.mutate(id, { list: { $push: 2 } });
  await cars.mutate(id, { 'list.0': { $unset: true } });
  await untilEqual(() => [json(record.get()), record.version], [{ driver: { name: 'Eve' }, list: [2] }, 6]);
  await cars.merge(id, {});
  await untilEqual(() => record.version, 7, 'an empty merge still counts');
  assert.deepEqual(names, ['Eve']);
});

test('a record write is a revision, with its path as the change', async (t) => {
  const npm = await connect(t, server);
  const id = fresh();
  const record = await npm.record.getRecord(`car/${id}`).whenReady();
  assert.equal((await cars.get(id)).status, 404, 'opening shows nothing at this door');
  assert.equal(ok(await cars.create({ made: 'here' }, id)).revision, 1, 'the first write of what was opened');
  await untilEqual(() => [json(record.get()), record.version], [{ made: 'here' }, 1]);
  await record.setWithAck('wheels[1]', 'round');
  const document = ok(await cars.get(id));
  assert.deepEqual([document.data, document.revision], [{ made: 'here', wheels: [null, 'round'] }, 2]);
  const { changes } = ok(await cars.get(id, '/history?sinceRevision=1'));
  assert.deepEqual(changes.map((each) => [each.operation, each.diff.added]), [['mutate', { wheels: [null, 'round'] }]]);
  assert.equal((await cars.replace(id, {}, { expectedRevision: 1 })).status, 409);
});

test('deleting at either door ends the life at both; the next one goes on counting', async (t) => {
  const npm = await connect(t, server);
  const id = fresh();
  await cars.create({ n: 1 }, id);
  let record = await npm.record.getRecord(`car/${id}`).whenReady();
  const deleted = new Promise((resolve) => record.once('delete', resolve));
  ok(await cars.delete(id));
  await deleted;
  assert.equal(await npm.record.has(`car/${id}`), false);
  record = await npm.record.getRecord(`car/${id}`).whenReady();
  assert.deepEqual([json(record.get()), record.version], [{}, 2], 'opened at the tombstone');
  await record.setWithAck({ n: 2 });
  assert.deepEqual([ok(await cars.get(id)).revision, ok(await cars.get(id)).data], [3, { n: 2 }]);
  await record.delete();
  await until(async () => (await cars.get(id)).status === 404, 'the deletion');
  assert.equal((await cars.restore(id)).status, 404, 'a deleted record keeps no data');
  assert.equal(ok(await cars.create({ n: 3 }, id)).revision, 5);
});

test('what is restored is read by whoever opens it', async (t) => {
  const npm = await connect(t, server);
  const id = fresh();
  await cars.create({ n: 1 }, id);
  await cars.delete(id);
  assert.equal(ok(await cars.restore(id)).revision, 3);
  const record = await npm.record.getRecord(`car/${id}`).whenReady();
  assert.deepEqual([json(record.get()), record.version], [{ n: 1 }, 3]);
});

test('a list is an array here: read, replaced and deleted, but neither merged nor mutated', async (t) => {
  const npm = await connect(t, server);
  const id = fresh();
  const list = await npm.record.getList(`car/${id}`).whenReady();
  list.setEntries(['a', 'b']);
  await untilEqual(async () => (await cars.get(id)).body.data, ['a', 'b']);
  for (const answer of [await cars.merge(id, { x: 1 }), await cars.mutate(id, { 0: 'x' })]) {
    assert.deepEqual([answer.status, answer.body.code], [422, 'TYPE_MISMATCH']);
  }
  const created = await cars.create(['x'], fresh());
  assert.deepEqual([created.status, created.body.code], [422, 'TYPE_MISMATCH']);
  const version = list.version;
  ok(await cars.replace(id, ['c', 'a']));
  await untilEqual(() => [json(list.getEntries()), list.version], [['c', 'a'], version + 1]);
});

const FIELDS = ['a', 'b', 'c', 'a.b', 'x y', 'ü'];
const scalar = (dice) => dice.one([null, true, 0, 1, 2.5, 'text', '']);
const value = (dice) => dice.one([scalar(dice), [1, scalar(dice)], { a: scalar(dice), 'd.e': 1 }, {}]);
const whole = (dice) => Object.fromEntries(FIELDS.filter(() => dice.chance(0.5)).map((field) => [field, value(dice)]));

/// One write at the documents' door; most are taken, those that do not fit are refused and change nothing.
function write(dice, id) {
  const path = dice.one(['a', 'b', 'c', 'a.a', 'b.a.c', '/a.b', '/d.e', '/a~1b']);
  switch (dice.below(10)) {
    case 0:
      return cars.replace(id, whole(dice));
    case 1:
      return cars.merge(id, whole(dice));
    case 2:
      return cars.mutate(id, { [path]: { $push: scalar(dice) } });
    case 3:
      return cars.mutate(id, { [path]: { $inc: 0.1 } });
    case 4:
      return cars.mutate(id, { [path]: { $unset: true } });
    case 5:
      return cars.mutate(id, [{ op: 'set', path: 'l', value: [1, 2, 3] }, { op: 'unset', path: `l.${dice.below(3)}` }]);
    case 6:
      return cars.mutate(id, { l: { $push: { $each: [7, 8], $at: 0 } }, [dice.one(['p', 'q'])]: value(dice) });
    case 7:
      return cars.merge(id, {});
    default:
      return cars.mutate(id, { [path]: { $set: value(dice) } });
  }
}

for (const seed of seeds) {
  test(`an open record equals the document after every step of any history through both doors, seed ${seed}`, async (t) => {
    t.diagnostic(`FRESHET_SEED=${seed}`);
    const dice = random(seed);
    const npm = await connect(t, server);
    const id = fresh();
    const name = `car/${id}`;
    await cars.create({}, id);
    let record = await npm.record.getRecord(name).whenReady();
    let accepted = 0;
    for (let step = 0; step < 60; step++) {
      const kind = dice.below(12);
      if (kind === 0) {
        await cars.delete(id);
        await until(() => !npm.record.names().includes(name), 'the deletion');
        if (dice.chance(0.5)) await cars.restore(id);
        else await cars.create(whole(dice), id);
        record = await npm.record.getRecord(name).whenReady();
      } else if (kind < 4) {
        await record.setWithAck(dice.one(['a', 'b', 'q']), value(dice));
      } else {
        const answer = await write(dice, id);
        if (answer.status === 200) accepted++;
        else assert.equal(answer.status, 422, JSON.stringify(answer.body));
      }
      const document = ok(await cars.get(id));
      const where = `after step ${step}, FRESHET_SEED=${seed}`;
      await untilEqual(() => record.version, document.revision, `version ${where}`);
      assert.deepEqual(unprototyped(record.get()), document.data, where);
    }
    assert.ok(accepted > 10, `only ${accepted} writes were accepted`);
  });
}
