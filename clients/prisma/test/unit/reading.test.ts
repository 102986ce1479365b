// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// How events are read and acknowledged, against a server that is scripted.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  PrismaPulseDatasourceError,
  PrismaPulseServerError,
  PrismaPulseStreamsDisabledError,
  PrismaPulseUnauthorizedError,
  PulseSubscription,
  withFreshet,
  withPulse,
} from '@freshet/prisma';
import { eventId, model, Reading, refusalOf, ScriptedServer, streaming } from '../scripted.js';
import { rejection, until, within } from '../waiting.js';

const [E0, E1, E2, E3] = [0, 1, 2, 3].map(eventId) as [string, string, string, string];

test('both names are one', () => {
  assert.equal(withPulse, withFreshet);
});

test('each door is told what is wanted, in the headers', async (t) => {
  const server = await ScriptedServer.start(t);
  const user = model(`${server.url}/prefix`);
  const args = { name: 'n', create: { bigInt: 1n } };
  for (const kind of ['stream', 'subscribe'] as const) {
    const opening = user[kind](args);
    const peer = await server.next();
    assert.equal(peer.path, `/prefix/${kind}`);
    assert.equal(peer.headers['authorization'], 'Bearer key');
    assert.equal(peer.headers['prisma-client-version'], '7.10.0');
    assert.equal(peer.headers['stream'], kind === 'stream' ? '{"name":"n"}' : '{}');
    assert.equal(peer.wish.modelName, 'User');
    assert.equal(peer.wish.model.fields.length, 11);
    assert.deepEqual(peer.wish.where, { create: { bigInt: { $type: 'BigInt', value: '1' } } });
    const subscription = await opening;
    assert.ok(subscription instanceof PulseSubscription && subscription instanceof ReadableStream);
    await subscription.open;
    subscription.stop();
    assert.equal(await within(peer.closed, 'its end'), 1005);
    await within(subscription.closed, 'the end here');
  }
});

test('an event is acknowledged when the next one is asked for', async (t) => {
  const { peer, subscription } = await streaming(t, { name: 'n' });
  const reading = new Reading(subscription, async (id) => {
    if (id === E0) return;
    assert.equal(await peer.acknowledged(), id === E1 ? E0 : E1);
    assert.equal(peer.unread, 0, 'not what is in hand');
  });
  peer.created(E0, E1, E2);
  await until(() => reading.ids.length === 3, 'all of them');
  assert.equal(await peer.acknowledged(), E2, 'when the loop asks for a fourth');
});

test('a loop that is left acknowledges nothing more', async (t) => {
  const ways: Readonly<Record<string, (stop: () => void) => 'break' | 'throw' | 'go on'>> = {
    break: () => 'break',
    throw: () => 'throw',
    stop: (stop) => {
      stop();
      return 'go on';
    },
  };
  for (const leave of Object.values(ways)) {
    const { peer, subscription } = await streaming(t, { name: 'n' });
    peer.created(E0, E1);
    const loop = async () => {
      for await (const { id } of subscription) {
        if (id === E0) continue;
        const how = leave(() => subscription.stop());
        if (how === 'break') break;
        if (how === 'throw') throw new Error('on purpose');
      }
    };
    await within(
      loop().catch((error: Error) => assert.equal(error.message, 'on purpose')),
      'the end of the loop',
    );
    assert.equal(await within(peer.closed, 'the end of the connection'), 1005);
    assert.equal(await peer.acknowledged(), E0);
    assert.equal(peer.unread, 0);
  }
});

test('who reads by hand acknowledges by hand', async (t) => {
  const { peer, subscription } = await streaming(t, { name: 'n' });
  const reader = subscription.getReader();
  peer.created(E0, E1, E2);
  for (const id of [E0, E1, E2]) {
    assert.equal((await within(reader.read(), id)).value?.id, id);
  }
  subscription.acknowledgeEvent(E1);
  subscription.acknowledgeEvent('no id');
  assert.equal(await peer.acknowledged(), E1);
  assert.equal(peer.unread, 0);
  const rest = reader.read();
  subscription.stop();
  assert.deepEqual(await within(rest, 'the end'), { done: true, value: undefined });
});

test('without a name nothing is acknowledged', async (t) => {
  const { peer, subscription } = await streaming(t, {});
  const reading = new Reading(subscription);
  peer.created(E0, E1);
  await until(() => reading.ids.length === 2, 'both');
  subscription.acknowledgeEvent(E1);
  subscription.stop();
  await within(peer.closed, 'the end of the connection');
  assert.equal(peer.unread, 0);
});

test('acknowledged between two connections, it is said over the next one', async (t) => {
  const { server, peer, subscription, retries } = await streaming(t, { name: 'n' });
  const reader = subscription.getReader();
  peer.created(E0, E1);
  await within(reader.read(), E0);
  await within(reader.read(), E1);
  server.refuse(...Array.from({ length: 5 }, () => refusalOf(503, 'P6101', 'later')));
  peer.cut();
  await until(() => retries.length > 0, 'the end of the connection');
  subscription.acknowledgeEvent(E0);
  subscription.acknowledgeEvent(E1);
  subscription.acknowledgeEvent(E0);
  const next = await server.next();
  assert.equal(await next.acknowledged(), E1);
  assert.equal(next.unread, 0);
});

test('so is the last one that an earlier connection took with it', async (t) => {
  const { server, peer, subscription } = await streaming(t, { name: 'n' });
  const reading = new Reading(subscription);
  peer.created(E0, E1);
  await until(() => reading.ids.length === 2, 'both');
  assert.equal(await peer.acknowledged(), E0);
  peer.cut();
  const next = await server.next();
  assert.equal(await next.acknowledged(), E1);
});

test('an id of a former run is handed on, and keeps nothing back', async (t) => {
  const { peer, subscription } = await streaming(t, { name: 'n' });
  subscription.acknowledgeEvent(E3);
  assert.equal(await peer.acknowledged(), E3);
  const reading = new Reading(subscription);
  peer.created(E0, E1);
  await until(() => reading.ids.length === 2, 'events before it, if the server sends them');
  assert.equal(await peer.acknowledged(), E0);
});

test('what waited unread comes again; what was read does not, and is acknowledged again', async (t) => {
  const { server, peer, subscription } = await streaming(t, { name: 'n' });
  let goOn = () => {};
  const isHeld = new Promise<void>((resolve) => (goOn = resolve));
  const reading = new Reading(subscription, (id) => (id === E1 ? isHeld : undefined));
  peer.created(E0, E1, E2);
  await until(() => reading.ids.length === 2, 'the second one');
  peer.cut();
  const next = await server.next();
  assert.equal(await next.acknowledged(), E0);
  next.created(E0, E1, E2, E3); // as after a crash that took the first acknowledgement back
  assert.equal(await next.acknowledged(), E0, 'again');
  assert.equal(next.unread, 0, 'not what is in hand');
  goOn();
  assert.equal(await next.acknowledged(), E1);
  await until(() => reading.ids.length === 4, 'the rest');
  assert.deepEqual(reading.ids, [E0, E1, E2, E3]);
});

test('a frame that is no event yet is passed over; one that is no JSON ends the loop', async (t) => {
  const { peer, subscription } = await streaming(t, { name: 'n' });
  const reading = new Reading(subscription);
  peer.say({ action: 'lag', events: 1 });
  peer.created(E0);
  await until(() => reading.ids.length === 1, 'the event');
  peer.socket.send('{');
  const error = await rejection(reading.ended);
  assert.ok(error instanceof PrismaPulseServerError && error.cause instanceof SyntaxError);
  await within(subscription.closed, 'the end of the connection');
});

test('a first connection that is refused is an error of the class for its code', async (t) => {
  const server = await ScriptedServer.start(t);
  const classes = {
    P6100: PrismaPulseServerError,
    P6101: PrismaPulseDatasourceError,
    P6102: PrismaPulseUnauthorizedError,
    P6106: PrismaPulseStreamsDisabledError,
    P9999: PrismaPulseServerError,
  };
  for (const [code, type] of Object.entries(classes)) {
    server.refuse(refusalOf(503, code, 'The reason'));
    const error = await rejection(model(server.url).stream());
    assert.equal(error.constructor, type);
    assert.equal(error.code, code === 'P9999' ? 'P6100' : code);
    assert.equal(error.message, `${error.code} The reason RequestId: r1`);
    assert.deepEqual([error.requestId, error.clientVersion, error.status], ['r1', '7.10.0', 503]);
  }
  assert.equal(server.handshakes, 5, 'nothing was tried again');
});

test('so is one without an answer, or with that of somebody else', async (t) => {
  const server = await ScriptedServer.start(t);
  server.refuse({ status: 502, body: '<html>Bad Gateway</html>' });
  const proxied = await rejection(model(server.url).subscribe());
  assert.deepEqual([proxied.name, proxied.code, proxied.status], ['ServerError', 'P6100', 502]);
  assert.match(proxied.message, /status 502/);
  await server.stop();
  const { name, message, status, cause } = await rejection(model(server.url).stream());
  assert.deepEqual([name, status], ['ServerError', undefined]);
  assert.match(message, /\/stream cannot be reached: .*ECONNREFUSED/);
  assert.equal((cause as { code?: string }).code, 'ECONNREFUSED');
  await server.again();
});

test('a program that was refused, or stopped its stream, ends by itself', async (t) => {
  const server = await ScriptedServer.start(t);
  server.refuse(refusalOf(401, 'P6102', 'no'));
  const scripted = new URL('../scripted.js', import.meta.url).href;
  const program = `
    import { model } from ${JSON.stringify(scripted)};
    const user = model(${JSON.stringify(server.url)});
    await user.stream().catch((error) => console.log(error.name));
    (await user.stream()).stop();
    console.log('stopped');`;
  const node = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  assert.equal((await within(node, 'its end')).stdout, 'Unauthorized\nstopped\n');
});

test('called wrongly, it says so', async () => {
  const user = model('ws://127.0.0.1:1');
  await assert.rejects(user.stream('name' as never), /take an object/);
  await assert.rejects(user.stream({ name: 1 }), /name is a text/);
  const { stream } = withFreshet({ endpoint: 'ws://a', apiKey: 'k' }).model.$allModels;
  await assert.rejects(stream.call({ $parent: {} }), /on a model/);
});
