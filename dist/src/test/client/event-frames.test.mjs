// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Events frame by frame: forms of subscribing, acknowledgements, refusals, and listening answers nobody asked for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { unique } from './clients.mjs';
import { CONNECTION, EVENT, PARSER, RECORD, Session, TOPIC } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile({ deepstream: { listen: { responseTimeout: '60s', shuffleProviders: false } } });
const hasty = await serverForThisFile({
  deepstream: { listen: { responseTimeout: '100ms', shuffleProviders: false } },
  limits: { subscriptionsPerConnection: 3 },
});
const strict = await serverForThisFile({ deepstream: { unauthenticatedTimeout: '200ms' } });
const off = await serverForThisFile({ deepstream: { features: { record: false, event: false, rpc: false, presence: false } } });

const sessions = (t, count, on = server) => Promise.all(Array.from({ length: count }, () => Session.login(t, on)));
const ask = (session, fields, answer) => session.ask(TOPIC.EVENT, fields, answer);
const emit = (session, name, value) =>
  session.send(TOPIC.EVENT, { action: EVENT.EMIT, name, ...(value === undefined ? {} : { data: JSON.stringify(value) }) });
const event = (session, fields) => session.expect({ topic: TOPIC.EVENT, action: EVENT.EMIT, ...fields });

async function subscribe(session, ...names) {
  await ask(session, { action: EVENT.SUBSCRIBE, names, correlationId: '0' },
    { action: EVENT.SUBSCRIBE, correlationId: '0', isAck: true });
}

async function unsubscribe(session, ...names) {
  await ask(session, { action: EVENT.UNSUBSCRIBE, names, correlationId: '1' },
    { action: EVENT.UNSUBSCRIBE, correlationId: '1', isAck: true });
}

test('SUBSCRIBE is acknowledged once for the bulk; EMIT reaches others without correlationId, and is not answered', async (t) => {
  const [a, b] = await sessions(t, 2);
  const names = [unique(), unique()];
  await subscribe(b, ...names);
  await subscribe(a, names[0]);
  a.send(TOPIC.EVENT, { action: EVENT.EMIT, name: names[0], data: '{"n":1}', correlationId: 'x' });
  await event(b, { name: names[0], data: { n: 1 } });
  emit(a, names[1]);
  await event(b, { name: names[1] });
  await a.silent('the emitter is not told');
});

test('data that is absent, null, a text, and a number keep what they are', async (t) => {
  const [a, b] = await sessions(t, 2);
  const name = unique();
  await subscribe(b, name);
  for (const value of [undefined, null, '', 0, false]) {
    emit(a, name, value);
    await event(b, value === undefined ? { name } : { name, data: value });
  }
});

test('one name without correlationId is acknowledged by its name', async (t) => {
  const [a] = await sessions(t, 1);
  const name = unique();
  await ask(a, { action: EVENT.SUBSCRIBE, name }, { action: EVENT.SUBSCRIBE, name, isAck: true });
  await ask(a, { action: EVENT.UNSUBSCRIBE, name }, { action: EVENT.UNSUBSCRIBE, name, isAck: true });
});

test('subscribing again: MULTIPLE_SUBSCRIPTIONS, then the acknowledgement; events still come once', async (t) => {
  const [a, b] = await sessions(t, 2);
  const name = unique();
  await subscribe(b, name);
  b.send(TOPIC.EVENT, { action: EVENT.SUBSCRIBE, names: [name], correlationId: '5' });
  await b.expect({ topic: TOPIC.EVENT, action: EVENT.MULTIPLE_SUBSCRIPTIONS, name, originalAction: EVENT.SUBSCRIBE });
  await b.expect({ topic: TOPIC.EVENT, action: EVENT.SUBSCRIBE, correlationId: '5', isAck: true });
  emit(a, name, 1);
  await event(b, { name, data: 1 });
  await b.silent();
});

test('unsubscribing what is not subscribed: only acknowledged in bulk, NOT_SUBSCRIBED with one name', async (t) => {
  const [a] = await sessions(t, 1);
  const name = unique();
  await unsubscribe(a, name);
  a.send(TOPIC.EVENT, { action: EVENT.UNSUBSCRIBE, name });
  await a.expect({ topic: TOPIC.EVENT, action: EVENT.NOT_SUBSCRIBED, name, originalAction: EVENT.UNSUBSCRIBE });
  await a.expect({ topic: TOPIC.EVENT, action: EVENT.UNSUBSCRIBE, name, isAck: true });
});

test('after the acknowledged UNSUBSCRIBE nothing comes, however many events are on their way', async (t) => {
  const [a, b] = await sessions(t, 2);
  const name = unique();
  await subscribe(b, name);
  for (let n = 0; n < 500; n++) emit(a, name, n);
  b.send(TOPIC.EVENT, { action: EVENT.UNSUBSCRIBE, names: [name], correlationId: '1' });
  for (let n = 500; n < 1000; n++) emit(a, name, n);
  await b.find((m) => m.isAck && m.action === EVENT.UNSUBSCRIBE);
  const got = b.inbox.splice(0).map((frame) => frame.data);
  assert.deepEqual(got, [...got.keys()], 'a beginning without a gap');
  await a.head(unique());
  await b.silent();
});

// The original ends here.
test('malformed JSON in any data is INVALID_MESSAGE_DATA; the connection and the server go on [own rule]', async (t) => {
  const [a] = await sessions(t, 1);
  const name = unique();
  for (const action of [EVENT.EMIT, EVENT.SUBSCRIBE, EVENT.UNSUBSCRIBE, EVENT.LISTEN, EVENT.UNLISTEN, EVENT.LISTEN_ACCEPT]) {
    for (const data of ['notjson', '{', '', '[1]]', Buffer.from([0x22, 0xff, 0x22])]) {
      a.send(TOPIC.EVENT, { action, name, subscription: name, data });
      await a.expectRefusal(TOPIC.EVENT, EVENT.INVALID_MESSAGE_DATA, { name, originalAction: action });
    }
  }
  await a.silent();
});

test('a message without its name is INVALID_MESSAGE_DATA [own rule]', async (t) => {
  const [a] = await sessions(t, 1);
  for (const action of [EVENT.EMIT, EVENT.SUBSCRIBE, EVENT.UNSUBSCRIBE, EVENT.LISTEN, EVENT.LISTEN_REJECT]) {
    a.send(TOPIC.EVENT, { action, correlationId: '7' });
    await a.expectRefusal(TOPIC.EVENT, EVENT.INVALID_MESSAGE_DATA, { originalAction: action, correlationId: '7' });
  }
});

test('a name in a bulk that cannot be is denied by itself; the others are subscribed [own rule]', async (t) => {
  const [a, b] = await sessions(t, 2);
  const [first, last] = [unique(), unique()];
  b.send(TOPIC.EVENT, { action: EVENT.SUBSCRIBE, names: [first, '', last], correlationId: '2' });
  await b.expectRefusal(TOPIC.EVENT, EVENT.MESSAGE_DENIED, { name: '', originalAction: EVENT.SUBSCRIBE, correlationId: '2' });
  await b.expect({ topic: TOPIC.EVENT, action: EVENT.SUBSCRIBE, correlationId: '2', isAck: true });
  for (const name of [first, last]) {
    emit(a, name);
    await event(b, { name });
  }
});

test('an unknown action and actions of the server are ignored', async (t) => {
  const [a] = await sessions(t, 1);
  for (const action of [0, 1, EVENT.SUBSCRIPTION_FOR_PATTERN_FOUND, EVENT.MESSAGE_DENIED, 77, 999]) {
    a.send(TOPIC.EVENT, { action, name: unique() });
  }
  await a.silent();
});

test('more subscriptions than allowed are denied, records and events together [own rule]', async (t) => {
  const [a] = await sessions(t, 1, hasty);
  await a.subscribe(unique());
  const names = [unique(), unique(), unique()];
  a.send(TOPIC.EVENT, { action: EVENT.SUBSCRIBE, names, correlationId: '0' });
  await a.expectRefusal(TOPIC.EVENT, EVENT.MESSAGE_DENIED, { name: names[2], originalAction: EVENT.SUBSCRIBE, correlationId: '0' });
  await a.expect({ topic: TOPIC.EVENT, action: EVENT.SUBSCRIBE, correlationId: '0', isAck: true });
  await unsubscribe(a, names[0]);
  await subscribe(a, names[2]);
});

test('a login that does not come within 200 ms is timed out', async (t) => {
  const late = await Session.open(t, strict.url);
  await late.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.AUTHENTICATION_TIMEOUT });
  await late.closed;
});

test('a topic that is switched off is UNKNOWN_TOPIC, whatever is said on it; the connection goes on', async (t) => {
  const [a] = await sessions(t, 1, off);
  for (const topic of [TOPIC.EVENT, TOPIC.RECORD, TOPIC.RPC, TOPIC.PRESENCE]) {
    for (const action of [2, 3, 8, 12, 99]) {
      await a.ask(topic, { action, names: ['x'], name: 'x', correlationId: '0' }, { topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC });
    }
  }
});

// Listening: as for records, but nobody is told who provides.

function subject() {
  const prefix = unique('feed');
  return { pattern: `^${prefix}/`, name: `${prefix}/x` };
}
const listen = (session, name) => ask(session, { action: EVENT.LISTEN, name }, { action: EVENT.LISTEN, name, isAck: true });
const found = (session, name, subscription) =>
  session.expect({ topic: TOPIC.EVENT, action: EVENT.SUBSCRIPTION_FOR_PATTERN_FOUND, name, subscription });
const removed = (session, name, subscription) =>
  session.expect({ topic: TOPIC.EVENT, action: EVENT.SUBSCRIPTION_FOR_PATTERN_REMOVED, name, subscription });
const accept = (session, name, subscription) => session.send(TOPIC.EVENT, { action: EVENT.LISTEN_ACCEPT, name, subscription });
const reject = (session, name, subscription) => session.send(TOPIC.EVENT, { action: EVENT.LISTEN_REJECT, name, subscription });

test('LISTEN is acknowledged, the first subscription found, the last one removed; subscribers are told nothing', async (t) => {
  const [provider, one, two] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  await subscribe(one, name);
  await found(provider, pattern, name);
  accept(provider, pattern, name);
  await subscribe(two, name);
  await provider.silent();
  await unsubscribe(one, name);
  await provider.silent();
  await unsubscribe(two, name);
  await removed(provider, pattern, name);
  await one.silent();
  await two.silent();
});

test('a subscriber that disconnects counts as gone', async (t) => {
  const [provider, one] = await sessions(t, 2);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  await subscribe(one, name);
  await found(provider, pattern, name);
  accept(provider, pattern, name);
  one.socket.terminate();
  await removed(provider, pattern, name);
});

test('a reject asks the next; existing subscriptions are replayed behind the acknowledgement', async (t) => {
  const [first, second, third, one] = await sessions(t, 4);
  const { pattern, name } = subject();
  await subscribe(one, name);
  await listen(first, pattern);
  await found(first, pattern, name);
  await listen(second, pattern);
  reject(first, pattern, name);
  await found(second, pattern, name);
  accept(second, pattern, name);
  await listen(third, pattern);
  await third.silent('it has a provider');
});

test('who does not answer in time gets LISTEN_RESPONSE_TIMEOUT, the next one is asked', async (t) => {
  const [first, second, one] = await sessions(t, 3, hasty);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await listen(second, pattern);
  await subscribe(one, name);
  await found(first, pattern, name);
  await first.expect({ topic: TOPIC.EVENT, action: EVENT.LISTEN_RESPONSE_TIMEOUT, subscription: name });
  await found(second, pattern, name);
});

test('UNLISTEN: acknowledged, the next provider asked, nothing to who unlistens', async (t) => {
  const [first, second, one] = await sessions(t, 3);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await subscribe(one, name);
  await found(first, pattern, name);
  accept(first, pattern, name);
  await listen(second, pattern);
  await ask(first, { action: EVENT.UNLISTEN, name: pattern }, { action: EVENT.UNLISTEN, name: pattern, isAck: true });
  await found(second, pattern, name);
  await first.silent();
});

// The original believes anybody.
test('an acceptance or a rejection by somebody who was not asked is ignored [own rule]', async (t) => {
  const [first, second, stranger, one] = await sessions(t, 4);
  const { pattern, name } = subject();
  await listen(first, pattern);
  await listen(second, pattern);
  await subscribe(one, name);
  await found(first, pattern, name);
  for (const impostor of [stranger, second, one]) {
    accept(impostor, pattern, name);
    reject(impostor, pattern, name);
    await impostor.silent();
  }
  await second.silent('nobody has rejected');
  reject(first, pattern, name);
  await found(second, pattern, name);
});

test('an invalid pattern is INVALID_LISTEN_REGEX', async (t) => {
  const [provider] = await sessions(t, 1);
  for (const pattern of ['(', '[a', '*']) {
    provider.send(TOPIC.EVENT, { action: EVENT.LISTEN, name: pattern });
    await provider.expectRefusal(TOPIC.EVENT, EVENT.INVALID_LISTEN_REGEX, { name: pattern, originalAction: EVENT.LISTEN });
  }
});

test('listeners of records and of events do not meet', async (t) => {
  const [records, events, one] = await sessions(t, 3);
  const { pattern, name } = subject();
  records.record(RECORD.LISTEN, { name: pattern });
  await records.expectRecord(RECORD.LISTEN, { name: pattern, isAck: true });
  await listen(events, pattern);
  await subscribe(one, name);
  await found(events, pattern, name);
  await records.silent();
  await one.subscribe(`${name}-record`);
  await records.expectRecord(RECORD.SUBSCRIPTION_FOR_PATTERN_FOUND, { name: pattern, subscription: `${name}-record` });
  await events.silent();
});
