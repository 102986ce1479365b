// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Documents that every client writes and every client watches: the Java client, npm's deepstream client, our own for
// JavaScript, and Pulse's (which watches only; what a Prisma Client writes: postgres.test.mjs). One row for each pair.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, until } from './clients.mjs';
import {
  Decimal, exactly, JavaPeer, Seen, typescriptClient, WATCHERS, watchPulse, watchRecord, watchTypescript,
} from './every-client.mjs';
import { prisma } from './pulse.mjs';
import { serverForThisFile } from './server.mjs';

const COLLECTION = 'people';
const FIELD = 'profile';
const server = await serverForThisFile({ pulse: { models: { User: { collection: COLLECTION } } } });

const VALUES = [
  'true', 'false', 'null', '0', '-17', '0.1', '1e-7', '9007199254740991', '9007199254740993',
  '123456789012345678901234567890', '0.1234567890123456789', '-1.5e300', '""',
  JSON.stringify('Zoë 東京 🚀 "quoted" \\ / \b\n\t\u0000\u007f\u2028'),
  '[]', '[1,[null,[]],{"a":[]}]', '{}', '{"a":{"b":{"c":[{"d":null}]}}}',
  '{"":0,"a.b":1,"x y":2,"ü":3,"[0]":4,"/":5,"~1":6,"$inc":7}',
];
const whole = (value) => `{"email":"jane@example.org","${FIELD}":${value}}`;

/// Every write of one document; the one at index i makes revision i + 1. `text`: what there is then.
const STEPS = [
  { step: 'create', value: whole('"new"'), text: whole('"new"') },
  ...VALUES.map((value) => ({ step: 'set', path: FIELD, value, text: whole(value) })),
  { step: 'replace', value: whole('[{"all":2.5}]'), text: whole('[{"all":2.5}]') },
  { step: 'erase', path: FIELD, text: '{"email":"jane@example.org"}' },
  { step: 'delete' },
];

/// Each makes a function that does one step and resolves when it is done (or, at least, said).
const WRITERS = {
  'Java record': { exact: true, by: (t, { java, id }) => ({ value, ...step }) => java.tell({ do: 'record', id, ...step }, value) },
  'Java documents': { exact: true, by: (t, { java, id }) => ({ value, ...step }) => java.tell({ do: 'document', id, ...step }, value) },
  'npm record': { by: npmWriter },
  'TypeScript documents': { exact: true, by: typescriptWriter },
};

async function npmWriter(t, { id }) {
  const npm = await connect(t, server);
  const record = await npm.record.getRecord(`${COLLECTION}/${id}`).whenReady();
  return ({ step, path, value }) => {
    if (step === 'delete') return record.delete();
    if (step === 'erase') return record.erase(path);
    return path ? record.setWithAck(path, JSON.parse(value)) : record.setWithAck(JSON.parse(value));
  };
}

async function typescriptWriter(t, { id }) {
  const { sync } = await typescriptClient(t, server);
  return ({ step, path, value }) => {
    if (step === 'create') return sync.create(COLLECTION, read(value), id);
    if (step === 'replace') return sync.replace(COLLECTION, id, read(value));
    if (step === 'delete') return sync.delete(COLLECTION, id);
    const op = step === 'set' ? { op: 'set', path, value: read(value) } : { op: 'unset', path };
    return sync.mutate(COLLECTION, id, [op]);
  };
}

/// Numbers that JavaScript has no other word for, as programs write them.
function read(text) {
  if (/^\d{16,}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  return /^0\.\d{17,}$/.test(text) ? new Decimal(text) : JSON.parse(text);
}

/// What a watcher has to see of a document.
function expected(writer, watcher, id, events) {
  return STEPS.map(({ text }, i) => ({
    ...(watcher.versioned && (text || watcher.event) && { revision: i + 1 }),
    ...(watcher.event && { event: events[i] }),
    ...(text ? { data: dataOf(writer.exact ? text : JSON.stringify(JSON.parse(text)), watcher, id) } : { deleted: true }),
  }));
}

function dataOf(text, watcher, id) {
  const data = watcher.exact ? exactly(text) : JSON.parse(text);
  if (!watcher.exact && watcher.row) return { email: data.email, [FIELD]: data[FIELD] ?? null, id: Number(id) };
  return watcher.row ? { ...data, id } : data;
}

/// The same of what it has seen. Of a Prisma model's row, the fields that were written.
function observed(seen, watcher) {
  return seen.map(({ text, data, ...rest }) => {
    if (text !== undefined) return { ...rest, data: exactly(text) };
    if (data === undefined) return rest;
    return { ...rest, data: watcher.row ? { email: data.email, [FIELD]: data[FIELD], id: data.id } : data };
  });
}

test('every client sees what every client writes', async (t) => {
  const seen = new Seen();
  const java = await JavaPeer.start(t, server, COLLECTION, seen);
  await watchTypescript(t, server, COLLECTION, seen);
  await watchPulse(t, prisma('prisma7', `ws://127.0.0.1:${server.port}`).user, seen);
  let lastId = 0;
  for (const [name, writer] of Object.entries(WRITERS)) {
    const id = String(++lastId);
    await watchRecord(t, { server, java, collection: COLLECTION, id, seen });
    const write = await writer.by(t, { java, id });
    for (const [i, step] of STEPS.entries()) {
      await write(step);
      const missing = () => Object.keys(WATCHERS).filter((each) => seen.of(each, id).length <= i);
      // In step, so that whoever tells of states and not of changes has to tell of each. Who misses one fails below.
      await until(() => missing().length === 0).catch(() => t.diagnostic(`${name}, ${step.step} ${i}: ${missing()}`));
    }
    const events = seen.of('Java stream', id).map(({ event }) => event);
    assert.equal(new Set(events).size, STEPS.length, 'each change has an id');
    for (const [other, watcher] of Object.entries(WATCHERS)) {
      await t.test(`${name} → ${other}`, () => {
        assert.deepEqual(observed(seen.of(other, id), watcher), expected(writer, watcher, id, events));
      });
    }
  }
});
