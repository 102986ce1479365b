// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Record names: what may be one, what may not, and that different names are different records.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, rejection, unique, until, untilEqual } from './clients.mjs';
import { RECORD, Session } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

const own = unique('names').replace('/', '-');
const bytes = (count) => `${own}/`.padEnd(count, 'x');

const GOOD = {
  'the tutorial\'s': `book/iq6auu7d-p9i1vz3q0yi-${own}`,
  'no slash': own,
  'spaces': `my ${own} with  spaces `,
  'several slashes': `${own}/b/c//d/`,
  'a slash first': `/${own}`,
  'a slash last': `${own}/`,
  'dots': `${own}/../.`,
  'unicode': `${own}/ünï/日本語/🎉/שלום`,
  'composed': `${own}/caf\u00e9`,
  'decomposed': `${own}/cafe\u0301`,
  'upper case': `${own}/ABC`,
  'lower case': `${own}/abc`,
  'quotes and brackets': `${own}/"'\`<>{}[]()`,
  'wildcards': `${own}/*>$^|?+`,
  'a backslash': `${own}/\\n`,
  'percent': `${own}/%2F%00`,
  'query and fragment': `${own}/?a=b&c#d`,
  'looking like a property': `${own}-constructor`,
  'an underscore first': `_${own}/x`,
  'the unnamed collection spelled out': `_/${own}`,
  'a collection with a dot': `a.${own}/x`,
  'a collection with a space': `a ${own}/x`,
  'a long collection': `${own}${'c'.repeat(200)}/x`,
  '512 bytes': bytes(512),
  '512 bytes without a slash': `${own}-`.padEnd(512, 'y'),
  '512 bytes of unicode': `${own}/`.padEnd(512 - 3 * 100, 'z') + '語'.repeat(100),
};

for (const [what, name] of Object.entries(GOOD)) {
  test(`a name may have: ${what}`, async (t) => {
    assert.ok(Buffer.byteLength(name) <= 512);
    const [a, b] = await connectAll(t, server, 2);
    const mine = await open(a, name);
    const theirs = await open(b, name);
    mine.set({ name, n: 1 });
    await untilEqual(() => json(theirs.get()), { name, n: 1 });
    theirs.set('n', 2);
    await untilEqual(() => mine.get('n'), 2);
    const c = await connect(t, server);
    assert.deepEqual(json(await c.record.snapshot(name)), { name, n: 2 });
    assert.equal(await c.record.head(name), 2);
    assert.equal(await c.record.has(name), true);
    await c.record.setDataWithAck(name, 'm', 3);
    await untilEqual(() => mine.get('m'), 3);
    await mine.delete();
    await untilEqual(() => c.record.has(name), false);
  });
}

test('names that differ are records that differ', async (t) => {
  const [a, b] = await connectAll(t, server, 2);
  const names = Object.values(GOOD);
  assert.equal(new Set(names).size, names.length);
  await Promise.all(names.map((name, n) => a.record.setDataWithAck(name, { n })));
  for (let n = 0; n < names.length; n++) assert.deepEqual(json(await b.record.snapshot(names[n])), { n });
});

const BAD = {
  '513 bytes': bytes(513),
  'ten thousand bytes': bytes(10_000),
  '513 bytes of unicode': `${own}/`.padEnd(513 - 3 * 50, 'z') + '語'.repeat(50),
  'a line feed': `${own}/a\nb`,
  'a null character': `${own}/a\u0000b`,
  'a tab': `${own}/\t`,
  'an escape': `${own}/\u001b[0m`,
  'a delete character': `${own}/\u007f`,
  'a control character in the collection': `${own}\u0001/x`,
};

for (const [what, name] of Object.entries(BAD)) {
  test(`a name is refused: ${what} [own rule]`, async (t) => {
    const a = await connect(t, server);
    for (const ask of [
      () => a.record.snapshot(name), () => a.record.head(name), () => a.record.has(name),
      () => a.record.setDataWithAck(name, { n: 1 }), () => a.record.setDataWithAck(name, 'n', 1),
    ]) {
      const error = await rejection(ask(), `${ask} of a bad name`);
      assert.equal(typeof error, 'string');
      assert.notEqual(error, 'client offline');
    }
    const ok = unique();
    await a.record.setDataWithAck(ok, { fine: true });
    assert.deepEqual(json(await a.record.snapshot(ok)), { fine: true }, 'the connection goes on');
  });
}

test('every kind of request about a bad name is refused with a typed error [own rule]', async (t) => {
  const raw = await Session.login(t, server);
  for (const name of ['', ...Object.values(BAD)]) {
    for (const action of [RECORD.SUBSCRIBECREATEANDREAD, RECORD.SUBSCRIBEANDHEAD, RECORD.SUBSCRIBEANDREAD]) {
      raw.record(action, { names: [name], correlationId: 'c' });
      await raw.findRefusal(action, name);
    }
    for (const action of [RECORD.READ, RECORD.HEAD, RECORD.DELETE]) {
      raw.record(action, { name });
      await raw.findRefusal(action, name);
    }
    raw.record(RECORD.CREATEANDUPDATE, { name, version: -1, value: {} });
    await raw.findRefusal(RECORD.CREATEANDUPDATE, name);
  }
});

test('one bad name among good ones: the good ones are opened [own rule]', async (t) => {
  const raw = await Session.login(t, server);
  const [one, two] = [unique(), unique()];
  const bad = bytes(513);
  raw.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [one, bad, two], correlationId: 'c1' });
  await raw.findRefusal(RECORD.SUBSCRIBECREATEANDREAD, bad);
  for (const name of [one, two]) {
    assert.deepEqual((await raw.findRecord(RECORD.READ_RESPONSE, { name })).data, {});
  }
});

test('an empty name is refused by the client itself', async (t) => {
  const a = await connect(t, server);
  assert.throws(() => a.record.getRecord(''));
  assert.throws(() => a.record.getList(''));
  assert.throws(() => a.record.setData('', {}));
  await until(() => a.getConnectionState() === 'OPEN');
});
