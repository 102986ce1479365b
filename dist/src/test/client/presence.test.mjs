// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Presence: who is there, through the npm client and frame by frame.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, connect, settled, unique, until, untilEqual, within } from './clients.mjs';
import { PRESENCE, Session, TOPIC } from './raw.mjs';
import { Server, relay, serverForThisFile } from './server.mjs';

const server = await serverForThisFile();

let counter = 0;
const user = () => `user${process.pid}x${counter++}`;

/// A client of a user.
async function login(t, username, { on = server, ...options } = {}) {
  const made = client(t, on.url, { subscriptionInterval: 0, ...options });
  await within(made.login({ username }), 'the login');
  return made;
}
const session = (t, username) => Session.login(t, server, { auth: { username } });
const present = (made) => within(made.presence.getAll(), 'who is there');

/// Subscribes to one user, or to all, and waits until the server has it.
async function watch(made, ...which) {
  const calls = [];
  made.presence.subscribe(...which, (...call) => calls.push(call));
  await settled(made);
  return calls;
}

test('getAll names everybody else once, whatever their connections', async (t) => {
  const [a, b] = [user(), user()];
  const asker = await login(t, a);
  await login(t, a);
  await login(t, b);
  await login(t, b);
  const all = await present(asker);
  assert.equal(all.filter((one) => one === b).length, 1);
  assert.ok(!all.includes(a), 'not the asker');
});

test('getAll of some says of each whether it is there, of the asker too', async (t) => {
  const [a, b, c] = [user(), user(), user()];
  const asker = await login(t, a);
  const other = await login(t, b);
  assert.deepEqual({ ...(await asker.presence.getAll([b, c, a])) }, { [b]: true, [c]: false, [a]: true });
  other.close();
  await until(async () => !(await asker.presence.getAll([b]))[b], 'the other to be gone');
});

test('who waits for a login sees the presence at once', async (t) => {
  const asker = await login(t, user());
  for (let n = 0; n < 20; n++) {
    const name = user();
    await login(t, name);
    assert.ok((await present(asker)).includes(name));
  }
});

test('everybody: join with the first connection, leave with the last', async (t) => {
  const watcher = await login(t, user());
  const name = user();
  const calls = await watch(watcher);
  const mine = () => calls.filter(([who]) => who === name).map(([, joined]) => joined);
  const first = await login(t, name);
  await untilEqual(mine, [true]);
  const second = await login(t, name);
  first.close();
  await settled(second);
  assert.deepEqual(mine(), [true]);
  second.close();
  await untilEqual(mine, [true, false]);
});

test('one user: only that one', async (t) => {
  const watcher = await login(t, user());
  const [b, c] = [user(), user()];
  const calls = await watch(watcher, b);
  await login(t, c);
  const atB = await login(t, b);
  atB.close();
  await untilEqual(() => calls, [[b, true], [b, false]]);
});

test('after unsubscribing nothing is told', async (t) => {
  const watcher = await login(t, user());
  const b = user();
  const one = await watch(watcher, b);
  const all = await watch(watcher);
  watcher.presence.unsubscribe(b);
  watcher.presence.unsubscribe();
  await settled(watcher);
  await login(t, b);
  await settled(watcher);
  assert.deepEqual([one, all], [[], []]);
});

test('a connection that is cut is gone, and back when it is back', async (t) => {
  const line = await relay(t, server);
  const name = user();
  const a = client(t, line.url, { expecting: ['CONNECTION_ERROR'] });
  await within(a.login({ username: name }), 'the login');
  const watcher = await login(t, user());
  const calls = await watch(watcher, name);
  line.cut();
  await untilEqual(() => calls, [[name, false]]);
  assert.ok(!(await present(watcher)).includes(name));
  line.heal();
  await untilEqual(() => calls, [[name, false], [name, true]]);
});

test('subscriptions resume after a cut connection', async (t) => {
  const line = await relay(t, server);
  const watcher = client(t, line.url, { subscriptionInterval: 0, expecting: ['CONNECTION_ERROR'] });
  await within(watcher.login({ username: user() }), 'the login');
  const name = user();
  const one = await watch(watcher, name);
  const all = await watch(watcher);
  line.cut();
  await until(() => watcher.getConnectionState() === 'RECONNECTING', 'the client to notice');
  line.heal();
  await until(() => watcher.getConnectionState() === 'OPEN', 'the client to be back');
  await settled(watcher);
  await login(t, name);
  await until(() => one.length === 1 && all.some(([who]) => who === name), 'both to be told');
});

// The original may keep users that are long gone.
test('after a restart only those are there who came back: no stale presence [own rule]', async (t) => {
  const own = new Server();
  t.after(() => own.dispose());
  await own.start();
  const [a, b] = [user(), user()];
  const asker = await login(t, a, { on: own, expecting: ['CONNECTION_ERROR'] });
  const other = await login(t, b, { on: own, expecting: ['CONNECTION_ERROR'] });
  assert.deepEqual([...(await present(asker))], [b]);
  await own.stop();
  other.close();
  await own.start();
  await until(() => asker.getConnectionState() === 'OPEN', 'the client to be back');
  assert.deepEqual([...(await present(asker))], []);
});

test('a hundred logins and leaves end with nobody', async (t) => {
  const watcher = await login(t, user());
  const calls = await watch(watcher);
  const names = Array.from({ length: 50 }, user);
  await Promise.all(names.map(async (name) => {
    const made = await connectAs(t, name);
    const again = await connectAs(t, name);
    made.close();
    again.close();
  }));
  await until(async () => !(await present(watcher)).some((name) => names.includes(name)), 'everybody to be gone');
  for (const name of names) {
    const told = calls.filter(([who]) => who === name).map(([, joined]) => joined);
    assert.deepEqual(told, told.map((_, index) => index % 2 === 0), 'in turns, beginning with joining');
    assert.equal(told.length % 2, 0, 'ending with leaving');
  }
});
const connectAs = (t, username) => login(t, username);

// Frame by frame.

test('SUBSCRIBE_ALL and back are acknowledged with nothing but isAck', async (t) => {
  const a = await session(t, user());
  for (const action of [PRESENCE.SUBSCRIBE_ALL, PRESENCE.UNSUBSCRIBE_ALL]) {
    await a.ask(TOPIC.PRESENCE, { action }, { action, isAck: true });
  }
});

test('SUBSCRIBE and UNSUBSCRIBE in bulk and with one name', async (t) => {
  const a = await session(t, user());
  const [b, c] = [user(), user()];
  for (const action of [PRESENCE.SUBSCRIBE, PRESENCE.UNSUBSCRIBE]) {
    await a.ask(TOPIC.PRESENCE, { action, names: [b, c], correlationId: '3' }, { action, correlationId: '3', isAck: true });
    await a.ask(TOPIC.PRESENCE, { action, name: user() }, action === PRESENCE.SUBSCRIBE
      ? { action, name: `user${process.pid}x${counter - 1}`, isAck: true }
      : { action: PRESENCE.NOT_SUBSCRIBED, name: `user${process.pid}x${counter - 1}`, originalAction: action });
  }
});

test('subscribing again: MULTIPLE_SUBSCRIPTIONS, then the acknowledgement', async (t) => {
  const a = await session(t, user());
  const name = user();
  const wanted = { action: PRESENCE.SUBSCRIBE, names: [name], correlationId: '0' };
  await a.ask(TOPIC.PRESENCE, wanted, { action: PRESENCE.SUBSCRIBE, correlationId: '0', isAck: true });
  await a.ask(TOPIC.PRESENCE, wanted, { action: PRESENCE.MULTIPLE_SUBSCRIPTIONS, name, originalAction: PRESENCE.SUBSCRIBE });
  await a.expect({ topic: TOPIC.PRESENCE, action: PRESENCE.SUBSCRIBE, correlationId: '0', isAck: true });
});

test('who watches both is told both, everybody first', async (t) => {
  const a = await session(t, user());
  const name = user();
  await a.ask(TOPIC.PRESENCE, { action: PRESENCE.SUBSCRIBE, names: [name], correlationId: '0' },
    { action: PRESENCE.SUBSCRIBE, correlationId: '0', isAck: true });
  await a.ask(TOPIC.PRESENCE, { action: PRESENCE.SUBSCRIBE_ALL }, { action: PRESENCE.SUBSCRIBE_ALL, isAck: true });
  const b = await session(t, name);
  const mine = (action) => a.find((m) => m.name === name, `presence ${action}`);
  assert.deepEqual(await mine('join all'), { topic: TOPIC.PRESENCE, action: PRESENCE.PRESENCE_JOIN_ALL, name });
  assert.deepEqual(await mine('join'), { topic: TOPIC.PRESENCE, action: PRESENCE.PRESENCE_JOIN, name });
  b.socket.terminate();
  assert.deepEqual(await mine('leave all'), { topic: TOPIC.PRESENCE, action: PRESENCE.PRESENCE_LEAVE_ALL, name });
  assert.deepEqual(await mine('leave'), { topic: TOPIC.PRESENCE, action: PRESENCE.PRESENCE_LEAVE, name });
});

test('QUERY answers under its correlationId; QUERY_ALL alone has no names', async (t) => {
  const own = new Server();
  t.after(() => own.dispose());
  await own.start();
  const a = await Session.login(t, own, { auth: { username: 'a' } });
  await a.ask(TOPIC.PRESENCE, { action: PRESENCE.QUERY_ALL }, { action: PRESENCE.QUERY_ALL_RESPONSE });
  await a.ask(TOPIC.PRESENCE, { action: PRESENCE.QUERY, names: ['b', 'a'], correlationId: '9' },
    { action: PRESENCE.QUERY_RESPONSE, correlationId: '9', data: { b: false, a: true } });
});

test('without a user id everybody is `open`, and counts as one', async (t) => {
  const own = new Server();
  t.after(() => own.dispose());
  await own.start();
  const goesFirst = { expecting: ['CONNECTION_ERROR'] }; // the server
  const [a] = [await connect(t, own, goesFirst), await connect(t, own, goesFirst)];
  const b = await Session.login(t, own, { auth: { username: 'b' } });
  await b.ask(TOPIC.PRESENCE, { action: PRESENCE.QUERY_ALL }, { action: PRESENCE.QUERY_ALL_RESPONSE, names: ['open'] });
  assert.deepEqual([...(await present(a))], ['b']);
});

// The original ends here, or takes no names for everybody.
test('malformed data and missing names are answered and subscribe to nobody [own rule]', async (t) => {
  const a = await session(t, user());
  const name = user();
  for (const action of [PRESENCE.QUERY, PRESENCE.SUBSCRIBE, PRESENCE.UNSUBSCRIBE]) {
    a.send(TOPIC.PRESENCE, { action, names: [name], correlationId: '1', data: 'notjson' });
    await a.expectRefusal(TOPIC.PRESENCE, PRESENCE.INVALID_PRESENCE_USERS, { originalAction: action, correlationId: '1' });
    a.send(TOPIC.PRESENCE, { action, correlationId: '2' });
    await a.expectRefusal(TOPIC.PRESENCE, PRESENCE.INVALID_PRESENCE_USERS, { originalAction: action, correlationId: '2' });
  }
  const b = await session(t, name);
  await b.head(unique());
  await a.silent('nobody was subscribed to');
});
