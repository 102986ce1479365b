// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Change streams of a real server: the calls as programs write them, and that nothing is missed
// whatever falls.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { FreshetError } from '@freshet/client';
import type {
  Change,
  ChangeStream,
  Collection,
  CreateChange,
  RealtimeClient,
  StreamLag,
} from '@freshet/client';
import { rounds } from '../rounds.js';
import { rejection, until, within } from '../waiting.js';
import { connect, relay, serverForThisFile, serverForThisTest, unique } from './server.js';

const server = await serverForThisFile();

type User = { id: string; email: string; name: string | null };
type Counted = { n: number };

/** A collection no other test writes to, and how to write to it. */
function collection<T extends object = User>(realtime: RealtimeClient, name = unique('User')) {
  const { sync } = realtime;
  return {
    name,
    rows: realtime.collection<T>(name),
    create: (id: string, data: object) => sync.create(name, data, id),
    merge: (id: string, data: object) => sync.merge(name, id, data),
    delete: (id: string) => sync.delete(name, id),
  };
}

/** Reads until there are so many, handles them, and stops. */
async function take<C extends { id: string }>(
  stream: ChangeStream<C>,
  count: number,
): Promise<readonly C[]> {
  const taken: C[] = [];
  const reading = async () => {
    for await (const change of stream) {
      taken.push(change);
      if (taken.length < count) continue;
      stream.acknowledge(change.id);
      break;
    }
  };
  await within(reading(), `${count} changes`);
  return taken;
}

function rowOf<T extends object>(change: Change<T>): T {
  if (change.action === 'create') return change.created;
  return change.action === 'update' ? change.after : change.deleted;
}

const short = (change: Change<object>) => `${change.action} ${change.documentId}`;

test('stream(): every change, with the row before and after', async (t) => {
  const realtime = await connect(t, server);
  const user = collection(realtime);
  const stream = user.rows.stream();
  await within(stream.ready(), 'the stream');
  await user.create('jane', { email: 'jane@example.org', name: null });
  await user.merge('jane', { name: 'Jane' });
  await user.delete('jane');
  await realtime.sync.restore(user.name, 'jane');
  const changes = await take(stream, 4);
  const head = { collection: user.name, documentId: 'jane' };
  const before = { id: 'jane', email: 'jane@example.org', name: null };
  const after = { ...before, name: 'Jane' };
  const expected = [
    { ...head, revision: 1, action: 'create', created: before },
    { ...head, revision: 2, action: 'update', before, after },
    { ...head, revision: 3, action: 'delete', deleted: after },
    { ...head, revision: 4, action: 'create', created: after },
  ];
  const ids = changes.map(({ id }) => id);
  assert.deepEqual(
    changes.map(({ id, ...rest }) => rest),
    expected,
  );
  for (const id of ids) assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual([...ids].sort(), ids);
});

test('a row keeps an id of its own', async (t) => {
  const user = collection(await connect(t, server));
  const stream = user.rows.stream({ create: {} });
  await within(stream.ready(), 'the stream');
  await user.create('a', { id: 'mine' });
  const [change] = await take(stream, 1);
  assert.deepEqual([change?.documentId, change?.created.id], ['a', 'mine']);
});

test('stream({ name }): what happens while nobody reads comes later', async (t) => {
  const user = collection(await connect(t, server));
  const name = unique('all-user-events');
  const first = user.rows.stream({ name });
  assert.equal((await within(first.ready(), 'the stream')).resumed, false);
  await user.create('a', {});
  const [created] = await take(first, 1);
  assert.equal(created && short(created), 'create a');
  await user.merge('a', { n: 1 });
  await user.delete('a');
  const reader = await connect(t, server);
  const second = reader.collection<User>(user.name).stream({ name });
  const place = { resumedAfter: created?.id, resumed: true };
  assert.deepEqual(await within(second.ready(), 'the stream'), place);
  assert.deepEqual((await take(second, 2)).map(short), ['update a', 'delete a']);
});

test('break after two of three: the second and the third come again', async (t) => {
  const user = collection(await connect(t, server));
  const name = unique('broken');
  const first = user.rows.stream({ name });
  await within(first.ready(), 'the stream');
  for (const id of ['a', 'b', 'c']) await user.create(id, {});
  const seen: string[] = [];
  for await (const change of first) {
    seen.push(change.documentId);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, ['a', 'b']);
  const rest = await take(user.rows.stream({ name }), 2);
  assert.deepEqual(rest.map(short), ['create b', 'create c']);
});

test('filters: new rows with a name', async (t) => {
  const user = collection(await connect(t, server));
  const stream = user.rows.stream({ create: { name: { not: null } } });
  await within(stream.ready(), 'the stream');
  await user.create('a', { name: null });
  await user.create('b', { name: 'B' });
  await user.merge('a', { name: 'A' });
  await user.delete('b');
  await user.create('c', { name: 'C' });
  const changes: readonly CreateChange<User>[] = await take(stream, 2);
  assert.deepEqual(
    changes.map(({ created }) => created.name),
    ['B', 'C'],
  );
});

test('filters: updated rows by what they are afterwards; deleted rows by what they were', async (t) => {
  const user = collection(await connect(t, server));
  const stream = user.rows.stream({
    update: { after: { email: { endsWith: '@prisma.io' } } },
    delete: { email: { contains: 'hello' } },
  });
  await within(stream.ready(), 'the stream');
  await user.create('a', { email: 'a@prisma.io' });
  await user.merge('a', { email: 'a@example.org' });
  await user.merge('a', { email: 'hello@prisma.io' });
  await user.create('b', { email: 'b@prisma.io' });
  await user.delete('b');
  await user.delete('a');
  assert.deepEqual((await take(stream, 2)).map(short), ['update a', 'delete a']);
});

test('filters: operators and their combinations', async (t) => {
  const user = collection<{ n: number; text: string; tags: string[] }>(await connect(t, server));
  const filters: [Parameters<typeof user.rows.stream>[0] & object, string[]][] = [
    [{ create: { n: { gt: 1, lte: 3 } } }, ['b', 'c']],
    [{ create: { n: { in: [1, 4] } } }, ['a', 'd']],
    [{ create: { OR: [{ n: 1 }, { text: { startsWith: 'Th' } }] } }, ['a', 'c']],
    [{ create: { NOT: { text: { contains: 'O', mode: 'insensitive' } } } }, ['c']],
    [{ create: { tags: { has: 'odd' } } }, ['a', 'c']],
    [{ create: { 'deep.er': { equals: 2 } } }, ['b']],
  ];
  const streams = filters.map(([options]) => user.rows.stream(options));
  await within(Promise.all(streams.map((stream) => stream.ready())), 'the streams');
  await user.create('a', { n: 1, text: 'One', tags: ['odd'] });
  await user.create('b', { n: 2, text: 'Two', tags: [], deep: { er: 2 } });
  await user.create('c', { n: 3, text: 'Thre', tags: ['odd', 'prime'] });
  await user.create('d', { n: 4, text: 'Four', tags: ['even'] });
  for (const [i, stream] of streams.entries()) {
    const expected = filters[i]![1];
    const taken = await take(stream, expected.length);
    assert.deepEqual(
      taken.map(({ documentId }) => documentId),
      expected,
      JSON.stringify(filters[i]),
    );
  }
});

test('subscribe(): what happens from now on, and nothing else', async (t) => {
  const user = collection(await connect(t, server));
  await user.create('a', {});
  const subscription = user.rows.subscribe({ create: {}, delete: {} });
  await within(subscription.ready(), 'the subscription');
  await user.merge('a', { n: 1 });
  await user.create('b', {});
  await user.delete('a');
  assert.deepEqual((await take(subscription, 2)).map(short), ['create b', 'delete a']);
});

test("from: 'earliest', and after a change", async (t) => {
  const user = collection(await connect(t, server));
  for (const id of ['a', 'b', 'c']) await user.create(id, {});
  const all = await take(user.rows.stream({ from: 'earliest' }), 3);
  assert.deepEqual(all.map(short), ['create a', 'create b', 'create c']);
  const rest = await take(user.rows.stream({ from: all[0]!.id, name: unique('after') }), 2);
  assert.deepEqual(rest, all.slice(1));
});

test('stop() ends the loop, and the name is free', async (t) => {
  const user = collection(await connect(t, server));
  const name = unique('stopped');
  const stream = user.rows.stream({ name });
  await within(stream.ready(), 'the stream');
  const reading = take(stream, 1);
  await within(stream.stop(), 'the place');
  assert.deepEqual(await reading, []);
  await within(user.rows.stream({ name }).ready(), 'the next one');
});

test('one reader per name: neither of two is disturbed, and the second is refused', async (t) => {
  const [first, second] = [await connect(t, server), await connect(t, server)];
  const user = collection(first);
  const name = unique('wanted');
  const holder = user.rows.stream({ name });
  await within(holder.ready(), 'the stream');
  const refused = second.collection<User>(user.name).stream({ name });
  const [ready, reading] = [rejection(refused.ready()), rejection(take(refused, 1))];
  assert.deepEqual([(await ready).code, (await ready).status], ['NAME_IN_USE', 409]);
  assert.equal((await reading).code, 'NAME_IN_USE');
  await user.create('a', {});
  assert.deepEqual((await take(holder, 1)).map(short), ['create a']);
  await within(second.collection(user.name).stream({ name }).ready(), 'the freed name');
});

test('what makes no sense is refused with its code', async (t) => {
  const realtime = await connect(t, server);
  const rows = realtime.collection('refused') as Collection<Record<string, unknown>>;
  const refused: [ChangeStream<unknown>, string][] = [
    [rows.stream({ create: { n: { nope: 1 } } }), 'INVALID_FILTER'],
    [rows.stream({ from: 'yesterday' }), 'INVALID_ARGUMENT'],
    [rows.stream({ window: 0 }), 'INVALID_ARGUMENT'],
    [realtime.collection('a.b').stream(), 'UNKNOWN_COLLECTION'],
  ];
  for (const [stream, code] of refused) assert.equal((await rejection(stream.ready())).code, code);
});

test('a limit of streams per collection, which stop() and leaving the loop keep free', async (t) => {
  const own = await serverForThisTest(t, { streams: { maxPerCollection: 2 } });
  const realtime = await connect(t, own);
  const user = collection(realtime);
  const open = async () => {
    const stream = user.rows.stream();
    await within(stream.ready(), 'a place');
    return stream;
  };
  const [first, second] = [await open(), await open()];
  assert.equal((await rejection(open())).code, 'LIMIT_REACHED');
  await within(first.stop(), 'the place');
  const third = await open();
  await user.create('a', {});
  for await (const change of second) {
    assert.equal(change.documentId, 'a');
    break;
  }
  await open();
  assert.equal((await rejection(open())).code, 'LIMIT_REACHED');
  await within(third.stop(), 'the place');
});

test('streams can be switched off', async (t) => {
  const own = await serverForThisTest(t, { streams: { enabled: false } });
  const rows = (await connect(t, own)).collection('a');
  assert.equal((await rejection(rows.stream().ready())).code, 'STREAMS_DISABLED');
});

test('a reader that takes its time gets everything; another one waits for nothing', async (t) => {
  const realtime = await connect(t, server);
  const user = collection<Counted>(realtime);
  const lags: StreamLag[] = [];
  const slow = user.rows.stream({ window: 16, onLag: (lag) => lags.push(lag) });
  const fast = user.rows.stream();
  await within(Promise.all([slow.ready(), fast.ready()]), 'the streams');
  const count = 2_000;
  const taken = take(fast, count);
  await Promise.all(Array.from({ length: count }, (_, i) => user.create(`d${i}`, { n: i })));
  const order = (await taken).map(({ documentId }) => documentId);
  await until(() => lags.some(({ lagEvents }) => lagEvents > 0), 'the lag');
  const late = await take(slow, count);
  assert.deepEqual(
    late.map(({ documentId }) => documentId),
    order,
  );
});

test('after a restart of the server a named stream goes on in the same loop', async (t) => {
  const own = await serverForThisTest(t);
  const realtime = await connect(t, own);
  const user = collection<Counted>(realtime);
  const name = unique('restarted');
  const stream = user.rows.stream({ name });
  await within(stream.ready(), 'the stream');
  const seen: string[] = [];
  const reading = (async () => {
    for await (const change of stream) seen.push(short(change));
  })();
  await user.create('a', { n: 1 });
  await until(() => seen.length === 1, 'the first change');
  await own.stop();
  const write = user.create('b', { n: 2 });
  await own.start();
  await within(write, 'a write made while it was away');
  await until(() => seen.length === 2, 'its change');
  await within(stream.stop(), 'the place');
  await reading;
  await user.create('c', {});
  const next = await take(user.rows.stream({ name }), 1);
  assert.deepEqual([...seen, ...next.map(short)], ['create a', 'create b', 'create c']);
});

for (const options of [{ name: unique('killed') }, {}]) {
  test(`kill -9: ${options.name ? 'a named' : 'an unnamed'} stream misses nothing, and the loop sees nothing twice`, async (t) => {
    const own = await serverForThisTest(t);
    const [reader, writer] = [await connect(t, own), await connect(t, own)];
    const rows = collection<Counted>(writer);
    const stream = reader.collection<Counted>(rows.name).stream(options);
    await within(stream.ready(), 'the stream');
    const seen: number[] = [];
    const reading = (async () => {
      for await (const change of stream) seen.push(rowOf(change).n);
    })();
    await rows.create('a', { n: 0 });
    let written = 0;
    for (let round = 0; round < 3; round++) {
      const writes = Array.from({ length: 200 }, () =>
        writer.sync.mutate(rows.name, 'a', { n: { $inc: 1 } }),
      );
      await writes[100];
      await own.kill();
      await own.start();
      await within(Promise.all(writes), 'the writes');
      written += writes.length;
    }
    await until(() => seen.length > written, 'all changes');
    assert.deepEqual(
      seen,
      Array.from({ length: written + 1 }, (_, i) => i),
    );
    await within(stream.stop(), 'the place');
    await reading;
  });
}

rounds('kill -9 of the reader: the next one goes on, and nothing is missing', async (random) => {
  const writer = await connect({ after: () => {} } as never, server);
  try {
    const rows = collection<Counted>(writer);
    const name = unique('reader-killed');
    const opening = rows.rows.stream({ name });
    await within(opening.ready(), 'the stream');
    await within(opening.stop(), 'the place');
    const count = 1_500;
    await rows.create('a', { n: 0 });
    const writes = Array.from({ length: count - 1 }, () =>
      writer.sync.mutate(rows.name, 'a', { n: { $inc: 1 } }),
    );
    const seen: number[] = [];
    while (seen.length < count) {
      const enough = Math.min(count, seen.length + 1 + random(600));
      await readAndKill(rows.name, name, (n) => {
        const expected = seen.length;
        assert.ok(n <= expected, `${n} instead of ${expected}`);
        if (n === expected) seen.push(n);
        return seen.length >= enough;
      });
    }
    await Promise.all(writes);
  } finally {
    writer.disconnect();
  }
});

/** Runs a reader, and kills it when what it has printed is enough; what it printed by then counts. */
async function readAndKill(
  rows: string,
  name: string,
  isEnough: (n: number) => boolean,
): Promise<void> {
  const program = fileURLToPath(new URL('./consumer.js', import.meta.url));
  const child = spawn(process.execPath, [program, server.url, rows, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const reading = async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        if (isEnough(Number(line))) child.kill('SIGKILL');
      }
    };
    await within(reading(), 'what the reader prints');
    assert.ok(child.killed, 'the reader has ended by itself');
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

rounds('whatever is cut and whoever reads on: everything, in order', async (random) => {
  const releases: (() => void)[] = [];
  const t = { after: (release: () => void) => releases.push(release) } as unknown as Parameters<
    typeof relay
  >[0];
  try {
    const line = await relay(t, server);
    const writer = await connect(t, server);
    const rows = collection<Counted>(writer);
    const count = 600;
    const name = unique('cut');
    const opening = (await connect(t, line)).collection<Counted>(rows.name).stream({ name });
    await within(opening.ready(), 'the stream');
    await within(opening.stop(), 'the place');
    const writing = (async () => {
      await rows.create('a', { n: 0 });
      for (let n = 1; n < count; n++) {
        await writer.sync.mutate(rows.name, 'a', { n: { $inc: 1 } });
        if (random(60) === 0) {
          line.cut();
          line.heal();
        }
      }
    })();
    const seen: number[] = [];
    while (seen.at(-1) !== count - 1) {
      // Each of these readers ends in the middle: it leaves its loop, or is gone without a word.
      const realtime = await connect(t, line);
      const stream = realtime.collection<Counted>(rows.name).stream({ name });
      let left = random(200);
      try {
        for await (const change of stream) {
          const { n } = rowOf(change);
          assert.ok(n <= (seen.at(-1) ?? -1) + 1, `${n} after ${seen.at(-1)}`);
          if (n === (seen.at(-1) ?? -1) + 1) seen.push(n);
          if (random(20) === 0) await new Promise((resolve) => setImmediate(resolve));
          if (n === count - 1) break;
          if (left-- > 0) continue;
          if (random(2) === 0) break;
          realtime.disconnect();
        }
      } catch (error) {
        // The reader before may still be taken for alive.
        assert.ok(error instanceof FreshetError && error.code === 'NAME_IN_USE', String(error));
      }
      realtime.disconnect();
    }
    await writing;
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i),
    );
  } finally {
    releases.forEach((release) => release());
  }
});
