// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Events through the npm client: subscribing, emitting, listening, and coming back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, connectAll, json, recorder, settled, unique, until, untilEqual, within } from './clients.mjs';
import { Server, relay, serverForThisFile } from './server.mjs';

const PATIENT = { deepstream: { listen: { responseTimeout: '60s', shuffleProviders: false } } };
const server = await serverForThisFile(PATIENT);

/// Clients that send a subscription at once instead of gathering some.
const AT_ONCE = { subscriptionInterval: 0 };
const clients = (t, count) => connectAll(t, server, count, AT_ONCE);

/// Subscribes and waits until the server has it.
async function subscribe(made, name, callback = recorder()) {
  made.event.subscribe(name, callback);
  await settled(made);
  return callback;
}

async function unsubscribe(made, name, callback) {
  made.event.unsubscribe(name, callback);
  await settled(made);
}

/// A client behind a relay that can be cut.
async function away(t, options) {
  const line = await relay(t, server);
  const a = client(t, line.url, { ...AT_ONCE, expecting: ['CONNECTION_ERROR'], ...options });
  await within(a.login(), 'the login');
  return {
    a,
    cut: async () => {
      line.cut();
      await until(() => a.getConnectionState() === 'RECONNECTING', 'the client to notice');
    },
    heal: async () => {
      line.heal();
      await until(() => a.getConnectionState() === 'OPEN', 'the client to be back');
      await settled(a);
    },
  };
}

test('an event reaches every other subscriber, and the emitter only once, by its own client', async (t) => {
  const [a, b, c] = await clients(t, 3);
  const name = unique('event');
  const atA = await subscribe(a, name);
  const atB = await subscribe(b, name);
  c.event.emit(name, { n: 1 });
  await untilEqual(() => json([atA.calls, atB.calls]), [[{ n: 1 }], [{ n: 1 }]]);
  a.event.emit(name, { n: 2 });
  await untilEqual(() => json(atB.calls), [{ n: 1 }, { n: 2 }]);
  await settled(a);
  assert.deepEqual(json(atA.calls), [{ n: 1 }, { n: 2 }], 'not back from the server');
});

for (const data of [null, true, 0, -1.5, '', 'text ✓ 🎉', [], {}, [1, [2, { three: null }]], { a: { b: { c: 'd' } } }]) {
  test(`data arrives as it is: ${JSON.stringify(data)}`, async (t) => {
    const [a, b] = await clients(t, 2);
    const name = unique('event');
    const at = await subscribe(b, name);
    a.event.emit(name, data);
    await untilEqual(() => json(at.calls), [data]);
  });
}

test('no data arrives as undefined', async (t) => {
  const [a, b] = await clients(t, 2);
  const name = unique('event');
  let calls = [];
  await subscribe(b, name, (...values) => calls.push(values));
  a.event.emit(name);
  a.event.emit(name, undefined);
  await untilEqual(() => calls, [[undefined], [undefined]]);
});

test('a thousand events from one client arrive in order', async (t) => {
  const [a, b] = await clients(t, 2);
  const name = unique('event');
  const at = await subscribe(b, name);
  for (let n = 0; n < 1000; n++) a.event.emit(name, n);
  await until(() => at.calls.length === 1000, 'all events');
  assert.deepEqual(at.calls, Array.from({ length: 1000 }, (_, n) => n));
});

test('two names in turns: nothing lost, each in order', async (t) => {
  const [a, b, c] = await clients(t, 3);
  const names = [unique('event'), unique('event')];
  const atB = [await subscribe(b, names[0]), await subscribe(b, names[1])];
  const atC = await subscribe(c, names[1]);
  for (let n = 0; n < 500; n++) a.event.emit(names[n % 2], n);
  await until(() => atB[0].calls.length + atB[1].calls.length === 500 && atC.calls.length === 250, 'all events');
  const numbers = (odd) => Array.from({ length: 250 }, (_, n) => 2 * n + odd);
  assert.deepEqual([atB[0].calls, atB[1].calls, atC.calls], [numbers(0), numbers(1), numbers(1)]);
});

test('after unsubscribing nothing arrives; a second callback keeps the subscription', async (t) => {
  const [a, b] = await clients(t, 2);
  const name = unique('event');
  const first = await subscribe(b, name);
  const second = await subscribe(b, name);
  await unsubscribe(b, name, first);
  a.event.emit(name, 1);
  await untilEqual(() => second.calls, [1]);
  await unsubscribe(b, name, second);
  a.event.emit(name, 2);
  await settled(a, b);
  assert.deepEqual([first.calls, second.calls], [[], [1]]);
});

test('many names at once, in bulk', async (t) => {
  const a = await connect(t, server);
  const b = await connect(t, server, { subscriptionInterval: 20 });
  const prefix = unique('bulk');
  const at = recorder();
  const names = Array.from({ length: 2000 }, (_, n) => `${prefix}-${n}`);
  for (const name of names) b.event.subscribe(name, () => at(name));
  await until(async () => {
    a.event.emit(names.at(-1));
    await settled(a, b);
    return at.calls.length > 0;
  }, 'the subscriptions');
  at.calls.length = 0;
  for (const name of names) a.event.emit(name);
  await untilEqual(() => [...at.calls].sort(), [...names].sort());
});

test('names of any text', async (t) => {
  const [a, b] = await clients(t, 2);
  for (const name of ['a b', 'ünï/✓🎉', '__proto__', 'constructor', '*', '.^$', 'x'.repeat(512), '{"a":1}']) {
    const own = name.length > 500 ? name : unique(name);
    const at = await subscribe(b, own);
    a.event.emit(own, 1);
    await untilEqual(() => at.calls, [1], own);
  }
});

test('a thousand subscribers get every event', async (t) => {
  const thousand = await clients(t, 1000);
  const name = unique('event');
  const counts = new Array(1000).fill(0);
  const last = new Array(1000).fill(0);
  thousand.forEach((made, index) => made.event.subscribe(name, (n) => {
    assert.equal(n, last[index] + 1, 'in order');
    last[index] = n;
    counts[index]++;
  }));
  await settled(...thousand);
  const emitter = await connect(t, server);
  for (let n = 1; n <= 20; n++) emitter.event.emit(name, n);
  await until(() => counts.every((count) => count === 20), 'every event at every subscriber');
});

// Coming back.

test('a client that was cut off is subscribed again; what was emitted meanwhile is lost, as events are', async (t) => {
  const { a, cut, heal } = await away(t);
  const [b] = await clients(t, 1);
  const name = unique('event');
  const at = await subscribe(a, name);
  b.event.emit(name, 1);
  await untilEqual(() => at.calls, [1]);
  await cut();
  b.event.emit(name, 2);
  await settled(b);
  await heal();
  b.event.emit(name, 3);
  await untilEqual(() => at.calls, [1, 3]);
});

test('what a client emits while it is away arrives when it is back', async (t) => {
  const { a, cut, heal } = await away(t, { offlineBufferTimeout: 60_000 });
  const [b] = await clients(t, 1);
  const name = unique('event');
  const at = await subscribe(b, name);
  await cut();
  a.event.emit(name, 'late');
  await heal();
  await untilEqual(() => at.calls, ['late']);
});

test('subscriptions resume after a restart of the server', async (t) => {
  const own = new Server(PATIENT);
  t.after(() => own.dispose());
  await own.start();
  const [a, b] = await connectAll(t, own, 2, { expecting: ['CONNECTION_ERROR'] });
  const name = unique('event');
  const at = recorder();
  b.event.subscribe(name, at);
  await until(async () => {
    a.event.emit(name, 'before');
    await settled(a, b);
    return at.calls.length > 0;
  }, 'the subscription');
  await own.stop();
  await own.start();
  await until(() => [a, b].every((made) => made.getConnectionState() === 'OPEN'), 'both to be back');
  await until(async () => {
    a.event.emit(name, 'after');
    await settled(a, b);
    return at.calls.includes('after');
  }, 'the subscription to be back');
});

// Listening.

function subject() {
  const prefix = unique('feed');
  return { pattern: `^${prefix}/.*`, name: (end) => `${prefix}/${end}` };
}

async function listen(made, pattern, answer = (response) => response.accept()) {
  const told = { matches: [], stops: [] };
  made.event.listen(pattern, (match, response) => {
    told.matches.push(match);
    response.onStop((name) => told.stops.push(name));
    answer(response, match);
  });
  await settled(made);
  return told;
}

test('listening: the first subscriber calls the listener, the last one to leave stops it, new interest calls again', async (t) => {
  const [provider, b, c] = await clients(t, 3);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  for (let round = 1; round <= 2; round++) {
    const atB = await subscribe(b, name('x'));
    await untilEqual(() => told.matches.length, round);
    provider.event.emit(name('x'), round);
    await untilEqual(() => atB.calls, [round]);
    const atC = await subscribe(c, name('x'));
    await unsubscribe(b, name('x'), atB);
    await settled(provider);
    assert.equal(told.stops.length, round - 1);
    c.event.unsubscribe(name('x'), atC);
    await untilEqual(() => told.stops.length, round);
  }
  assert.deepEqual(told, { matches: [name('x'), name('x')], stops: [name('x'), name('x')] });
});

test('listening: existing subscriptions are replayed, other names and records are not', async (t) => {
  const [provider, b] = await clients(t, 2);
  const { pattern, name } = subject();
  await subscribe(b, name('a'));
  await subscribe(b, name('b'));
  await subscribe(b, unique('other'));
  await b.record.getRecord(name('record')).whenReady();
  const told = await listen(provider, pattern);
  await untilEqual(() => [...told.matches].sort(), [name('a'), name('b')]);
  await settled(provider);
  assert.equal(told.matches.length, 2);
});

test('listening: who rejects passes the question on', async (t) => {
  const [first, second, b] = await clients(t, 3);
  const { pattern, name } = subject();
  const no = await listen(first, pattern, (response) => response.reject());
  const yes = await listen(second, pattern);
  await subscribe(b, name('x'));
  await untilEqual(() => yes.matches, [name('x')]);
  assert.deepEqual(no.matches, [name('x')]);
});

test('listening: a provider that goes away is replaced', async (t) => {
  const [first, second, b] = await clients(t, 3);
  const { pattern, name } = subject();
  const one = await listen(first, pattern);
  const two = await listen(second, pattern);
  await subscribe(b, name('x'));
  await untilEqual(() => one.matches, [name('x')]);
  first.close();
  await untilEqual(() => two.matches, [name('x')]);
});

test('listening: unlisten ends it', async (t) => {
  const [provider, b] = await clients(t, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  provider.event.unlisten(pattern);
  await settled(provider);
  await subscribe(b, name('x'));
  await settled(provider);
  assert.deepEqual(told, { matches: [], stops: [] });
});

test('listening resumes after a cut connection', async (t) => {
  const { a: provider, cut, heal } = await away(t);
  const [b] = await clients(t, 1);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  await subscribe(b, name('x'));
  await untilEqual(() => told.matches, [name('x')]);
  await cut();
  await untilEqual(() => told.stops, [name('x')]);
  await heal();
  await untilEqual(() => told.matches, [name('x'), name('x')]);
});

test('an invalid pattern is an error event', async (t) => {
  const a = await connect(t, server, { expecting: ['INVALID_LISTEN_REGEX'] });
  a.event.listen('(', () => {});
  await until(() => a.errors.length === 1, 'the error');
});
