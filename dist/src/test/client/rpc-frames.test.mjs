// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Calls frame by frame: who is asked, who is heard, and what a call ends with.
import assert from 'node:assert/strict';
import test from 'node:test';
import { unique } from './clients.mjs';
import { RPC, Session, TOPIC } from './raw.mjs';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile({ deepstream: { rpc: { acceptTimeout: '60s', responseTimeout: '60s' } } });
// Two where one of the time-outs is as short as somebody may want it.
const hasty = await serverForThisFile({
  deepstream: { rpc: { acceptTimeout: '100ms', responseTimeout: '60s', provideRequestorName: true } },
  limits: { subscriptionsPerConnection: 2 },
});
const slow = await serverForThisFile({ deepstream: { rpc: { acceptTimeout: '60s', responseTimeout: '100ms' } } });

const sessions = (t, count, on = server) => Promise.all(Array.from({ length: count }, () => Session.login(t, on)));
const say = (session, action, fields) => session.send(TOPIC.RPC, { action, ...fields });
const hear = (session, action, fields) => session.expect({ topic: TOPIC.RPC, action, ...fields });
const subject = () => ({ name: unique('rpc'), correlationId: unique('call') });

async function provide(session, ...names) {
  await session.ask(TOPIC.RPC, { action: RPC.PROVIDE, names, correlationId: '0' },
    { action: RPC.PROVIDE, correlationId: '0', isAck: true });
}

/// Reads the request of whoever got it; gives that session first, then the others.
async function asked(sessions, call) {
  await Promise.all(sessions.map((session) => session.head(unique())));
  const first = sessions.filter((session) => session.inbox.length > 0);
  assert.equal(first.length, 1, 'one provider is asked');
  await hear(first[0], RPC.REQUEST, call);
  return [first[0], ...sessions.filter((session) => session !== first[0])];
}

test('REQUEST, ACCEPT, RESPONSE; without data there is none', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  for (const [ask, answer] of [['{"a":1}', '"x"'], [undefined, undefined], ['null', 'null']]) {
    const value = (text) => (text === undefined ? {} : { data: JSON.parse(text) });
    const text = (given) => (given === undefined ? {} : { data: given });
    say(caller, RPC.REQUEST, { ...call, ...text(ask) });
    await hear(provider, RPC.REQUEST, { ...call, ...value(ask) });
    say(provider, RPC.ACCEPT, call);
    await hear(caller, RPC.ACCEPT, call);
    say(provider, RPC.RESPONSE, { ...call, ...text(answer) });
    await hear(caller, RPC.RESPONSE, { ...call, ...value(answer) });
  }
  await provider.silent();
  await caller.silent();
});

test('REQUEST_ERROR is forwarded; a response needs no acceptance', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  say(provider, RPC.REQUEST_ERROR, { ...call, data: '{"why":1}' });
  await hear(caller, RPC.REQUEST_ERROR, { ...call, data: { why: 1 } });
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  say(provider, RPC.RESPONSE, { ...call, data: '1' });
  await hear(caller, RPC.RESPONSE, { ...call, data: 1 });
});

test('no provider: NO_RPC_PROVIDER; everybody rejects: NO_RPC_PROVIDER, each asked once', async (t) => {
  const [one, two, caller] = await sessions(t, 3);
  const call = subject();
  say(caller, RPC.REQUEST, call);
  await hear(caller, RPC.NO_RPC_PROVIDER, call);
  await provide(one, call.name);
  await provide(two, call.name);
  say(caller, RPC.REQUEST, call);
  const [first, second] = await asked([one, two], call);
  say(first, RPC.REJECT, call);
  await hear(second, RPC.REQUEST, call);
  say(second, RPC.REJECT, call);
  await hear(caller, RPC.NO_RPC_PROVIDER, call);
  await first.silent();
});

test('PROVIDE again: MULTIPLE_PROVIDERS, then the acknowledgement; UNPROVIDE in bulk and with one name', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  say(provider, RPC.PROVIDE, { names: [call.name], correlationId: '1' });
  await hear(provider, RPC.MULTIPLE_PROVIDERS, { name: call.name, originalAction: RPC.PROVIDE });
  await hear(provider, RPC.PROVIDE, { correlationId: '1', isAck: true });
  say(provider, RPC.UNPROVIDE, { names: [call.name, 'never'], correlationId: '2' });
  await hear(provider, RPC.UNPROVIDE, { correlationId: '2', isAck: true });
  say(provider, RPC.UNPROVIDE, { name: call.name });
  await hear(provider, RPC.NOT_PROVIDED, { name: call.name, originalAction: RPC.UNPROVIDE });
  await hear(provider, RPC.UNPROVIDE, { name: call.name, isAck: true });
  say(caller, RPC.REQUEST, call);
  await hear(caller, RPC.NO_RPC_PROVIDER, call);
});

test('a second ACCEPT is MULTIPLE_ACCEPT, and the caller is told once', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  say(provider, RPC.ACCEPT, call);
  say(provider, RPC.ACCEPT, call);
  await hear(provider, RPC.MULTIPLE_ACCEPT, call);
  await hear(caller, RPC.ACCEPT, call);
  await caller.silent();
});

// The original takes answers from anybody who knows the id.
test('only the provider that was asked is heard: strangers, other providers and the caller are not [own rule]', async (t) => {
  const [one, two, stranger, caller] = await sessions(t, 4);
  const call = subject();
  await provide(one, call.name);
  await provide(two, call.name);
  say(caller, RPC.REQUEST, call);
  const [chosen, other] = await asked([one, two], call);
  for (const impostor of [stranger, other, caller]) {
    for (const action of [RPC.ACCEPT, RPC.RESPONSE, RPC.REJECT, RPC.REQUEST_ERROR]) {
      say(impostor, action, { ...call, data: '"spoofed"' });
      await hear(impostor, RPC.INVALID_RPC_CORRELATION_ID, { ...call, originalAction: action, isError: true });
    }
  }
  await caller.silent();
  say(chosen, RPC.RESPONSE, { ...call, data: '"true"' });
  await hear(caller, RPC.RESPONSE, { ...call, data: 'true' });
});

test('answers to no call, to a finished one, and under another name: INVALID_RPC_CORRELATION_ID', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  say(provider, RPC.ACCEPT, { ...call, correlationId: 'never' });
  await hear(provider, RPC.INVALID_RPC_CORRELATION_ID, { ...call, correlationId: 'never', originalAction: RPC.ACCEPT, isError: true });
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  say(provider, RPC.RESPONSE, call);
  await hear(caller, RPC.RESPONSE, call);
  for (const action of [RPC.ACCEPT, RPC.RESPONSE, RPC.REJECT]) {
    say(provider, action, call);
    await hear(provider, RPC.INVALID_RPC_CORRELATION_ID, { ...call, originalAction: action, isError: true });
  }
  await caller.silent();
});

test('two callers may use the same correlationId', async (t) => {
  const [provider, one, two] = await sessions(t, 3);
  const first = subject();
  const second = { ...subject(), correlationId: first.correlationId };
  await provide(provider, first.name, second.name);
  say(one, RPC.REQUEST, first);
  await hear(provider, RPC.REQUEST, first);
  say(provider, RPC.RESPONSE, { ...first, data: '1' });
  say(two, RPC.REQUEST, second);
  await hear(provider, RPC.REQUEST, second);
  say(provider, RPC.RESPONSE, { ...second, data: '2' });
  await hear(one, RPC.RESPONSE, { ...first, data: 1 });
  await hear(two, RPC.RESPONSE, { ...second, data: 2 });
});

// The original waits for the time-out.
test('a provider that disconnects before it accepted is replaced; without another: NO_RPC_PROVIDER [own rule]', async (t) => {
  const [one, two, caller] = await sessions(t, 3);
  const call = subject();
  await provide(one, call.name);
  await provide(two, call.name);
  say(caller, RPC.REQUEST, call);
  const [first, second] = await asked([one, two], call);
  first.socket.terminate();
  await hear(second, RPC.REQUEST, call);
  second.socket.terminate();
  await hear(caller, RPC.NO_RPC_PROVIDER, call);
});

test('a provider that disconnects after it accepted: the caller is told at once [own rule]', async (t) => {
  const [one, two, caller] = await sessions(t, 3);
  const call = subject();
  await provide(one, call.name);
  await provide(two, call.name);
  say(caller, RPC.REQUEST, call);
  const [first, second] = await asked([one, two], call);
  say(first, RPC.ACCEPT, call);
  await hear(caller, RPC.ACCEPT, call);
  first.socket.terminate();
  await hear(caller, RPC.RESPONSE_TIMEOUT, call);
  await second.silent('it may have been done: nobody else does it again');
});

test('a caller that disconnects is answered no more; its provider learns when it answers', async (t) => {
  const [provider, caller] = await sessions(t, 2);
  const call = subject();
  await provide(provider, call.name);
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  caller.socket.terminate();
  await caller.closed;
  for (;;) {
    say(provider, RPC.ACCEPT, call);
    await provider.head(unique());
    const answer = provider.inbox.shift();
    if (answer?.action === RPC.INVALID_RPC_CORRELATION_ID) break;
    assert.ok(answer === undefined || answer.action === RPC.MULTIPLE_ACCEPT, 'not yet noticed');
  }
});

test('an accept time-out of 100 ms: ACCEPT_TIMEOUT; a late acceptance is refused; the provider is told who calls', async (t) => {
  const [provider, caller] = await sessions(t, 2, hasty);
  const call = subject();
  await provide(provider, call.name);
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, { ...call, requestorName: 'open' });
  await hear(caller, RPC.ACCEPT_TIMEOUT, call);
  say(provider, RPC.ACCEPT, call);
  await hear(provider, RPC.INVALID_RPC_CORRELATION_ID, { ...call, originalAction: RPC.ACCEPT, isError: true });
  await caller.silent();
});

test('a response time-out of 100 ms: RESPONSE_TIMEOUT, accepted or not; a late response is refused', async (t) => {
  const [provider, caller] = await sessions(t, 2, slow);
  const call = subject();
  await provide(provider, call.name);
  say(caller, RPC.REQUEST, call);
  await hear(provider, RPC.REQUEST, call);
  say(provider, RPC.ACCEPT, call);
  await caller.find((m) => m.action === RPC.RESPONSE_TIMEOUT && m.correlationId === call.correlationId, 'the time-out');
  say(provider, RPC.RESPONSE, call);
  await provider.find((m) => m.action === RPC.INVALID_RPC_CORRELATION_ID && m.originalAction === RPC.RESPONSE, 'the refusal');
});

// The original ends here.
test('malformed JSON in any data, and missing fields, are INVALID_MESSAGE_DATA [own rule]', async (t) => {
  const [a] = await sessions(t, 1);
  const call = subject();
  for (const action of [RPC.REQUEST, RPC.ACCEPT, RPC.RESPONSE, RPC.REJECT, RPC.REQUEST_ERROR, RPC.PROVIDE, RPC.UNPROVIDE]) {
    for (const data of ['notjson', '{', '']) {
      say(a, action, { ...call, data });
      await a.expectRefusal(TOPIC.RPC, RPC.INVALID_MESSAGE_DATA, { ...call, originalAction: action });
    }
    say(a, action, { correlationId: call.correlationId });
    await a.expectRefusal(TOPIC.RPC, RPC.INVALID_MESSAGE_DATA, { correlationId: call.correlationId, originalAction: action });
  }
  for (const action of [RPC.REQUEST, RPC.ACCEPT, RPC.RESPONSE, RPC.REJECT]) {
    say(a, action, { name: call.name });
    await a.expectRefusal(TOPIC.RPC, RPC.INVALID_MESSAGE_DATA, { name: call.name, originalAction: action });
  }
  await a.silent();
});

test('more procedures than allowed are denied by themselves [own rule]', async (t) => {
  const [a] = await sessions(t, 1, hasty);
  const names = [unique(), unique(), unique()];
  say(a, RPC.PROVIDE, { names, correlationId: '0' });
  await a.expectRefusal(TOPIC.RPC, RPC.MESSAGE_DENIED, { name: names[2], originalAction: RPC.PROVIDE, correlationId: '0' });
  await hear(a, RPC.PROVIDE, { correlationId: '0', isAck: true });
});

test('an unknown action and actions of the server are ignored', async (t) => {
  const [a] = await sessions(t, 1);
  for (const action of [0, 1, 3, 77, RPC.NO_RPC_PROVIDER, RPC.MESSAGE_DENIED]) say(a, action, subject());
  await a.silent();
});
