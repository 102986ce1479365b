// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Listening frame by frame: who is asked, who is told, and answers nobody asked for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { unique } from './clients.mjs';
import { RECORD, Session, TOPIC, decode } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile({ deepstream: { listen: { responseTimeout: '250ms', shuffleProviders: false } } });
// Another one where nobody is passed over while a test takes its time.
const patient = await serverForThisFile({ deepstream: { listen: { responseTimeout: '60s', shuffleProviders: false } } });

const sessions = (t, count, on = patient) => Promise.all(Array.from({ length: count }, () => Session.login(t, on)));

function subject() {
  const prefix = unique('settings');
  return { pattern: `^${prefix}/`, name: `${prefix}/x` };
}

async function listen(session, pattern) {
  session.record(RECORD.LISTEN, { name: pattern });
  assert.deepEqual(await session.findRecord(RECORD.LISTEN, { name: pattern }), {
    topic: TOPIC.RECORD, action: RECORD.LISTEN, name: pattern, isAck: true,
  });
}

/// From now on this provider refuses the subscription whenever it is asked: a new search may well ask it again.
function refuse(session, pattern, subscription) {
  session.socket.on('message', (bytes) => {
    const message = decode(bytes);
    if (message.action === RECORD.SUBSCRIPTION_FOR_PATTERN_FOUND && message.subscription === subscription) {
      reject(session, pattern, subscription);
    }
  });
  reject(session, pattern, subscription);
}

const found = (session, pattern, subscription) =>
  session.expectRecord(RECORD.SUBSCRIPTION_FOR_PATTERN_FOUND, { name: pattern, subscription });
const accept = (session, pattern, subscription) => session.record(RECORD.LISTEN_ACCEPT, { name: pattern, subscription });
const reject = (session, pattern, subscription) => session.record(RECORD.LISTEN_REJECT, { name: pattern, subscription });
const hasProvider = (session, name) => session.expectRecord(RECORD.SUBSCRIPTION_HAS_PROVIDER, { name });

test('LISTEN is acknowledged, the first subscription is found, accepted, announced; the last one removed', async (t) => {
  const [provider, one, two] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  await one.subscribe(name);
  await found(provider, pattern, name);
  accept(provider, pattern, name);
  await hasProvider(one, name);
  await two.subscribe(name);
  await hasProvider(two, name);
  await provider.silent('a later subscriber asks nobody');
  for (const session of [one, two]) {
    session.record(RECORD.UNSUBSCRIBE, { names: [name], correlationId: name });
    await session.find((m) => m.isAck && m.correlationId === name);
  }
  await provider.expectRecord(RECORD.SUBSCRIPTION_FOR_PATTERN_REMOVED, { name: pattern, subscription: name });
});

test('providers are asked in the order they registered; a reject asks the next', async (t) => {
  const [first, second, third, subscriber] = await sessions(t, 4);
  const { pattern, name } = subject();
  for (const provider of [first, second, third]) await listen(provider, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  await second.silent();
  reject(first, pattern, name);
  await found(second, pattern, name);
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
  await third.silent();
});

test('everybody rejects: nothing is announced, a new listener is asked', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  refuse(first, pattern, name);
  await first.head(unique());
  await listen(second, pattern);
  await found(second, pattern, name);
  await subscriber.silent();
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
});

test('a listener that registers while another is being asked comes next', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  await listen(second, pattern);
  await second.silent('the first one is still being asked');
  reject(first, pattern, name);
  await found(second, pattern, name);
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
});

test('who does not answer in time gets LISTEN_RESPONSE_TIMEOUT, the next one is asked', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3, server);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await listen(second, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  await first.expectRecord(RECORD.LISTEN_RESPONSE_TIMEOUT, { subscription: name });
  await found(second, pattern, name);
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
});

test('UNLISTEN: acknowledged, HAS_NO_PROVIDER to subscribers, the next provider asked, no REMOVED to who unlistens', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  accept(first, pattern, name);
  await hasProvider(subscriber, name);
  await listen(second, pattern);
  first.record(RECORD.UNLISTEN, { name: pattern });
  await first.expectRecord(RECORD.UNLISTEN, { name: pattern, isAck: true });
  await subscriber.expectRecord(RECORD.SUBSCRIPTION_HAS_NO_PROVIDER, { name });
  await found(second, pattern, name);
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
  await first.silent();
});

test('a provider that disconnects: HAS_NO_PROVIDER, and the next one asked', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  accept(first, pattern, name);
  await hasProvider(subscriber, name);
  await listen(second, pattern);
  first.socket.terminate();
  await subscriber.expectRecord(RECORD.SUBSCRIPTION_HAS_NO_PROVIDER, { name });
  await found(second, pattern, name);
});

test('a provider that disconnects while it is asked: the next one is asked [own rule]', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3, server);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await listen(second, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  first.socket.terminate();
  await found(second, pattern, name);
  accept(second, pattern, name);
  await hasProvider(subscriber, name);
});

// The original keeps the wrong candidates here.
test('a provider that unlistens while another is asked is not asked any more [own rule]', async (t) => {
  const [first, second, third, subscriber] = await sessions(t, 4);
  const { pattern, name } = subject();
  for (const provider of [first, second, third]) await listen(provider, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  second.record(RECORD.UNLISTEN, { name: pattern });
  await second.expectRecord(RECORD.UNLISTEN, { name: pattern, isAck: true });
  reject(first, pattern, name);
  await found(third, pattern, name);
  await second.silent();
});

test('the subscriber leaves while a provider is asked: its late acceptance announces nothing', async (t) => {
  const [provider, subscriber] = await sessions(t, 2);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  await subscriber.subscribe(name);
  await found(provider, pattern, name);
  subscriber.record(RECORD.UNSUBSCRIBE, { names: [name], correlationId: name });
  await subscriber.find((m) => m.isAck && m.correlationId === name);
  accept(provider, pattern, name);
  await provider.head(unique());
  await subscriber.silent();
});

// The original believes anybody.
test('an acceptance or a rejection by somebody who was not asked is ignored [own rule]', async (t) => {
  const [first, second, stranger, subscriber] = await sessions(t, 4);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await listen(second, pattern);
  await subscriber.subscribe(name);
  await found(first, pattern, name);
  for (const impostor of [stranger, second, subscriber]) {
    accept(impostor, pattern, name);
    reject(impostor, pattern, name);
    await impostor.head(unique());
  }
  await subscriber.silent('nobody has accepted');
  await second.silent('and nobody has rejected');
  accept(first, '^another$', name);
  await first.head(unique());
  await subscriber.silent('nor for another pattern');
  accept(first, pattern, name);
  await hasProvider(subscriber, name);
});

test('answers to no question at all are harmless', async (t) => {
  const [stranger, subscriber] = await sessions(t, 2);
  const { pattern, name } = subject();
  await subscriber.subscribe(name);
  accept(stranger, pattern, name);
  reject(stranger, pattern, name);
  accept(stranger, pattern, unique());
  stranger.record(RECORD.UNLISTEN, { name: pattern });
  await stranger.head(unique());
  await subscriber.silent();
});

test('an invalid pattern is INVALID_LISTEN_REGEX and registers nothing', async (t) => {
  const [provider, subscriber] = await sessions(t, 2);
  for (const pattern of ['(', '[a', '*', 'a{2,1}']) {
    provider.record(RECORD.LISTEN, { name: pattern });
    const reply = await provider.next();
    assert.deepEqual([reply.topic, reply.action, reply.name], [TOPIC.RECORD, RECORD.INVALID_LISTEN_REGEX, pattern]);
  }
  await subscriber.subscribe(unique('('));
  await provider.silent();
});

test('existing subscriptions are found on registration, those with a provider are not', async (t) => {
  const [first, second, subscriber] = await sessions(t, 3);
  const { pattern, name } = subject();
  await subscriber.subscribe(name);
  await subscriber.subscribe(`${name}2`);
  await listen(first, pattern);
  const asked = [await first.next(), await first.next()].map((frame) => frame.subscription).sort();
  assert.deepEqual(asked, [name, `${name}2`]);
  accept(first, pattern, name);
  await hasProvider(subscriber, name);
  refuse(first, pattern, `${name}2`);
  await first.head(unique());
  await listen(second, pattern);
  await found(second, pattern, `${name}2`);
  await second.silent();
});

test('subscribing in any way is interest: READ-ONLY and HEAD subscriptions too', async (t) => {
  const [provider, subscriber] = await sessions(t, 2);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  let index = 0;
  for (const action of [RECORD.SUBSCRIBEANDHEAD, RECORD.SUBSCRIBEANDREAD, RECORD.SUBSCRIBECREATEANDREAD]) {
    const each = `${name}${index++}`;
    subscriber.record(action, { names: [each], correlationId: each });
    await found(provider, pattern, each);
    accept(provider, pattern, each);
    await subscriber.findRecord(RECORD.SUBSCRIPTION_HAS_PROVIDER, { name: each });
  }
});

test('a frame to the provider does not carry data of the record', async (t) => {
  const [provider, subscriber] = await sessions(t, 2);
  const { pattern, name } = subject();
  await subscriber.set(name, { secret: 1 });
  await listen(provider, pattern);
  await subscriber.subscribe(name);
  const frame = await found(provider, pattern, name);
  assert.equal(frame.data, undefined);
});
