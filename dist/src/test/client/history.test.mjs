// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Random histories: writers that may write anything, and the npm client that has the record open, as a record and as a
// list. After every step it must show exactly the document. FRESHET_ROUNDS and FRESHET_SEED set how many and which.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, json, unique, until, untilEqual } from './clients.mjs';
import { random, seeds, unprototyped } from './dice.mjs';
import { tokens } from './path.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const STEPS = 60;
const KEYS = ['a', 'b', 'pets', 'fur', 'x y', 'ü', '0', 'a.b', ''];
const PATHS = [
  'a', 'b', 'pets', 'a.b', 'b.a', 'pets[0]', 'pets[1].fur', 'pets[1].fur.a', 'pets[3]', 'a.pets[0][1]', 'x y.ü', 'fur[0]', ' a . b ',
  'pets.0', 'b[0].b', '0',
];

function value(dice, depth = 3) {
  const kind = dice.below(depth > 0 ? 8 : 6);
  if (kind === 6) return Array.from({ length: dice.below(4) }, () => value(dice, depth - 1));
  if (kind === 7) return object(dice, depth - 1);
  return [null, true, dice.below(100), dice.below(1000) / 8, `t${dice.below(50)}`, ''][kind];
}

function object(dice, depth = 2) {
  return Object.fromEntries(Array.from({ length: dice.below(4) }, () => [dice.one(KEYS), value(dice, depth)]));
}

const entries = (dice) => Array.from({ length: dice.below(6) }, () => `entry/${dice.below(8)}`);

/// Whether the server takes the path: a name on an array would be lost in JSON, so it is refused.
function isTaken(root, path) {
  let node = root;
  for (const step of tokens(path)) {
    if (Array.isArray(node) && typeof step === 'string' && !/^(0|[1-9][0-9]*)$/.test(step)) return false;
    node = node !== null && typeof node === 'object' ? node[step] : undefined;
  }
  return true;
}

/// One write of a record: [action, fields]. An array at the root is only written in ways that mean something there.
function recordStep(dice, current) {
  if (Array.isArray(current)) return [RECORD.CREATEANDUPDATE, { value: object(dice) }];
  const kind = dice.below(20);
  const paths = PATHS.filter((path) => isTaken(current, path));
  if (kind < 3) return [RECORD.CREATEANDUPDATE, { value: object(dice) }];
  if (kind === 3) return [RECORD.CREATEANDUPDATE, { value: entries(dice) }];
  if (kind < 8) return [RECORD.ERASE, { path: dice.one(paths) }];
  if (kind === 8) return [RECORD.CREATEANDUPDATE, { value: current }];
  return [RECORD.CREATEANDPATCH, { path: dice.one(paths), value: value(dice) }];
}

function listStep(dice, current) {
  const length = current.length ?? 0;
  const kind = dice.below(8);
  if (kind === 0 && length > 0) return [RECORD.CREATEANDPATCH, { path: `${dice.below(length)}`, value: `entry/${dice.below(8)}` }];
  if (kind === 1 && Array.isArray(current)) return [RECORD.CREATEANDPATCH, { path: `${length}`, value: 'entry/last' }];
  return [RECORD.CREATEANDUPDATE, { value: entries(dice) }];
}

for (const seed of seeds) {
  test(`a record shows the document after every step, seed ${seed} [own rule]`, async (t) => {
    t.diagnostic(`FRESHET_SEED=${seed}`);
    const dice = random(seed);
    const [one, two, npm] = [await Session.login(t, server), await Session.login(t, server, { sdkVersion: '7.1.0' }), await connect(t, server)];
    const name = unique('history');
    let record = await npm.record.getRecord(name).whenReady();
    let truth = { version: record.version, data: {} };
    let accepted = 0;
    for (let step = 0; step < STEPS; step++) {
      const writer = dice.one([one, two]);
      if (dice.chance(0.05)) {
        await writer.remove(name);
        await until(() => !npm.record.names().includes(name), 'the deletion');
        record = await npm.record.getRecord(name).whenReady();
        truth = await writer.snapshot(name);
        assert.deepEqual(truth.data, {});
      } else {
        const [action, fields] = recordStep(dice, truth.data);
        const version = dice.chance(0.5) ? -1 : truth.version + 1;
        const reply = await writer.attempt(action, { name, version, ...fields });
        const next = await writer.snapshot(name);
        if (reply.isError) {
          // A name on an array means nothing, and may be refused; then nothing has happened.
          assert.equal(reply.action, RECORD.INVALID_MESSAGE_DATA);
          assert.deepEqual(next, truth);
        } else {
          assert.equal(reply.action, RECORD.WRITE_ACKNOWLEDGEMENT);
          assert.equal(next.version, truth.version + 1);
          accepted++;
        }
        truth = next;
      }
      await untilEqual(() => record.version, truth.version, `version after step ${step}, FRESHET_SEED=${seed}`);
      // Not through JSON: a hole where the document has null would look the same.
      assert.deepEqual(unprototyped(record.get()), truth.data, `after step ${step}, FRESHET_SEED=${seed}`);
    }
    assert.ok(accepted > STEPS / 2, `only ${accepted} writes of the history were accepted`);
  });

  test(`a list shows the document after every step, seed ${seed} [own rule]`, async (t) => {
    t.diagnostic(`FRESHET_SEED=${seed}`);
    const dice = random(seed);
    const [one, two, npm] = [await Session.login(t, server), await Session.login(t, server, { sdkVersion: '7.1.0' }), await connect(t, server)];
    const name = unique('history');
    let list = await npm.record.getList(name).whenReady();
    let truth = { version: list.version, data: {} };
    for (let step = 0; step < STEPS; step++) {
      const writer = dice.one([one, two]);
      if (dice.chance(0.05)) {
        await writer.remove(name);
        await until(() => !npm.record.names().includes(name), 'the deletion');
        list = await npm.record.getList(name).whenReady();
      } else {
        const [action, fields] = listStep(dice, truth.data);
        await writer.write(action, { name, version: -1, ...fields });
      }
      truth = await writer.snapshot(name);
      await untilEqual(() => list.version, truth.version, `version after step ${step}, FRESHET_SEED=${seed}`);
      const shown = Array.isArray(truth.data) ? truth.data : [];
      assert.deepEqual(json(list.getEntries()), shown, `after step ${step}, FRESHET_SEED=${seed}`);
    }
  });

  test(`two npm clients and their writes, seed ${seed}`, async (t) => {
    t.diagnostic(`FRESHET_SEED=${seed}`);
    const dice = random(seed);
    const clients = [await connect(t, server), await connect(t, server)];
    const judge = await Session.login(t, server);
    const name = unique('history');
    const records = await Promise.all(clients.map((each) => each.record.getRecord(name).whenReady()));
    for (let step = 0; step < STEPS; step++) {
      const writer = dice.one(records);
      const kind = dice.below(6);
      if (kind === 0) await writer.setWithAck(object(dice));
      else if (kind === 1) await writer.setWithAck(dice.one(['a', 'b', 'x y']), undefined);
      else await writer.setWithAck(dice.one(['a', 'b', 'x y', 'fur']), value(dice));
      const truth = await judge.snapshot(name);
      for (const record of records) {
        await untilEqual(() => record.version, truth.version, `version after step ${step}, FRESHET_SEED=${seed}`);
        assert.deepEqual(json(record.get()), truth.data, `after step ${step}, FRESHET_SEED=${seed}`);
      }
    }
  });
}
