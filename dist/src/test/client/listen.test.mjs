// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Listening through the npm client: active providers that are told when somebody is interested.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, connectAll, json, open, recorder, settled, unique, until, untilEqual } from './clients.mjs';
import { serverForThisFile } from './server.mjs';

// Providers here always answer, however slow the machine; only one test wants to see one passed over.
const server = await serverForThisFile({ deepstream: { listen: { responseTimeout: '60s' } } });
const hasty = await serverForThisFile({ deepstream: { listen: { responseTimeout: '300ms' } } });

/// Discards and waits until the server has been told.
async function leave(made, record) {
  record.discard();
  await until(() => !made.record.names().includes(record.name), 'the discard');
  await settled(made);
}

/// A pattern of its own and names for it; `matches` and `stops` are what the provider was told.
function subject() {
  const prefix = unique('settings');
  return { prefix, pattern: `^${prefix}/.*`, name: (end) => `${prefix}/${end}` };
}

/// Registers a listener and waits until the server has it.
async function listen(made, pattern, answer = (response) => response.accept()) {
  const told = { matches: [], stops: [] };
  made.record.listen(pattern, (match, response) => {
    told.matches.push(match);
    response.onStop((name) => told.stops.push(name));
    answer(response, match);
  });
  await settled(made);
  return told;
}

test('the first subscriber calls the listener, later ones do not; the last one to leave stops it', async (t) => {
  const [provider, b, c] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const one = await open(b, name('security'));
  await untilEqual(() => told.matches, [name('security')]);
  await until(() => one.hasProvider, 'hasProvider');
  const two = await open(c, name('security'));
  await until(() => two.hasProvider, 'hasProvider for a later subscriber');
  await leave(b, one);
  await settled(provider);
  assert.deepEqual(told, { matches: [name('security')], stops: [] });
  await leave(c, two);
  await untilEqual(() => told.stops, [name('security')]);
});

test('a listener is called again when interest comes back', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  for (let round = 1; round <= 3; round++) {
    const record = await open(b, name('x'));
    await untilEqual(() => told.matches.length, round);
    await until(() => record.hasProvider);
    await leave(b, record);
    await untilEqual(() => told.stops.length, round);
  }
});

test('a name that does not match calls nobody', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const other = await open(b, unique('other'));
  await open(b, name('x'));
  await untilEqual(() => told.matches, [name('x')]);
  assert.equal(other.hasProvider, false);
});

test('snapshot, has, head and setData are no interest', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  await b.record.setDataWithAck(name('x'), { n: 1 });
  await b.record.snapshot(name('x'));
  await b.record.head(name('x'));
  await b.record.has(name('x'));
  await open(b, name('y'));
  await untilEqual(() => told.matches, [name('y')]);
});

test('subscriptions that exist already are replayed on registration, once each', async (t) => {
  const [provider, b, c] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const records = await Promise.all(['a', 'b', 'c'].map((end) => open(b, name(end))));
  await open(c, name('a'));
  await open(c, unique('other'));
  const told = await listen(provider, pattern);
  await untilEqual(() => [...told.matches].sort(), ['a', 'b', 'c'].map(name));
  await until(() => records.every((record) => record.hasProvider));
});

test('only those without a provider are replayed', async (t) => {
  const [first, second, b] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const one = await listen(first, pattern, (response, match) => (match.endsWith('taken') ? response.accept() : response.reject()));
  const [taken, free] = [await open(b, name('taken')), await open(b, name('free'))];
  await until(() => taken.hasProvider && one.matches.length === 2);
  const two = await listen(second, pattern);
  await untilEqual(() => two.matches, [name('free')]);
  await until(() => free.hasProvider);
});

test('reject asks the next provider', async (t) => {
  const [one, two, b] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const asked = [];
  const answer = (who) => (response) => {
    asked.push(who);
    if (asked.length === 1) response.reject();
    else response.accept();
  };
  await listen(one, pattern, answer('one'));
  await listen(two, pattern, answer('two'));
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  assert.deepEqual([...asked].sort(), ['one', 'two'], 'each once; in which order is the server\'s choice');
});

test('when everybody rejects there is no provider, until a new one comes', async (t) => {
  const [one, two, three, b] = await connectAll(t, server, 4);
  const { pattern, name } = subject();
  const refuse = (response) => response.reject();
  const told = [await listen(one, pattern, refuse), await listen(two, pattern, refuse)];
  const record = await open(b, name('x'));
  await until(() => told.every((each) => each.matches.length === 1));
  await settled(one, two, b);
  assert.equal(record.hasProvider, false);
  const third = await listen(three, pattern);
  await untilEqual(() => third.matches, [name('x')]);
  await until(() => record.hasProvider);
});

test('a provider that does not answer in time is passed over', async (t) => {
  // The client reports the server's LISTEN_RESPONSE_TIMEOUT as an unsolicited message.
  const [one, two, b] = await connectAll(t, hasty, 3, { expecting: ['UNSOLICITED_MESSAGE'] });
  const { pattern, name } = subject();
  const asked = [];
  const answer = (who) => (response) => {
    asked.push(who);
    if (asked.length > 1) response.accept();
  };
  await listen(one, pattern, answer('one'));
  await listen(two, pattern, answer('two'));
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  assert.deepEqual([...asked].sort(), ['one', 'two']);
  const silent = asked[0] === 'one' ? one : two;
  await until(() => silent.errors.length === 1);
});

test('unlisten gives the records back: hasProvider ends and the next provider is asked', async (t) => {
  const [one, two, b] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  await listen(one, pattern);
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  one.record.unlisten(pattern);
  await until(() => !record.hasProvider);
  const told = await listen(two, pattern);
  await untilEqual(() => told.matches, [name('x')]);
  await until(() => record.hasProvider);
});

test('unlisten with a second provider waiting: it takes over', async (t) => {
  const [one, two, b] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const told = [await listen(one, pattern), await listen(two, pattern)];
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  const chosen = told[0].matches.length ? 0 : 1;
  [one, two][chosen].record.unlisten(pattern);
  await untilEqual(() => told[1 - chosen].matches, [name('x')]);
  await until(() => record.hasProvider);
});

test('a provider that disconnects is replaced', async (t) => {
  const [one, two, b] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const told = [await listen(one, pattern), await listen(two, pattern)];
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  const chosen = told[0].matches.length ? 0 : 1;
  [one, two][chosen].close();
  await untilEqual(() => told[1 - chosen].matches, [name('x')]);
  await until(() => record.hasProvider);
});

test('a provider that disconnects with nobody to replace it: hasProvider ends', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  provider.close();
  await until(() => !record.hasProvider);
});

test('a subscriber that disconnects counts as left', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  b.close();
  await untilEqual(() => told.stops, [name('x')]);
});

test('deleting a record stops its provider', async (t) => {
  const [provider, b, c] = await connectAll(t, server, 3);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const record = await open(b, name('x'));
  await open(c, name('x'));
  await until(() => record.hasProvider);
  await record.delete();
  await untilEqual(() => told.stops, [name('x')]);
  const again = await open(b, name('x'));
  await untilEqual(() => told.matches, [name('x'), name('x')]);
  await until(() => again.hasProvider);
});

test('an active provider publishes while somebody is interested', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  let published = 0;
  const told = await listen(provider, pattern, (response, match) => {
    response.accept();
    provider.record.setData(match, { price: ++published });
  });
  const record = b.record.getRecord(name('msft'));
  const seen = recorder();
  record.subscribe('price', seen, true);
  await until(() => record.hasProvider && record.get('price') === 1);
  await leave(b, record);
  await untilEqual(() => told.stops, [name('msft')]);
});

test('a provider may be a subscriber of the same record', async (t) => {
  const [provider] = await connectAll(t, server, 1);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const record = await open(provider, name('x'));
  await untilEqual(() => told.matches, [name('x')]);
  await until(() => record.hasProvider);
});

test('patterns are regular expressions that match anywhere in the name', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { prefix, name } = subject();
  const told = await listen(provider, `${prefix.slice(prefix.indexOf('/') + 1)}/(a|b[0-9]+)$`);
  await open(b, name('c'));
  await open(b, name('b17'));
  await open(b, name('a'));
  await untilEqual(() => [...told.matches].sort(), [name('a'), name('b17')]);
});

test('two patterns that both match: one of them is asked, the other after a reject', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, prefix, name } = subject();
  const asked = [];
  for (const each of [pattern, `${prefix}/x$`]) {
    await listen(provider, each, (response) => {
      asked.push(each);
      if (asked.length === 1) response.reject();
      else response.accept();
    });
  }
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  assert.deepEqual([...asked].sort(), [pattern, `${prefix}/x$`].sort());
});

test('lists and anonymous records are interest as well', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  await b.record.getList(name('list')).whenReady();
  await b.record.getAnonymousRecord().setName(name('anonymous'));
  await untilEqual(() => [...told.matches].sort(), [name('anonymous'), name('list')]);
});

test('listening is no writing: the records themselves are as before', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  await listen(provider, pattern);
  await b.record.setDataWithAck(name('x'), { n: 1 });
  const record = await open(b, name('x'));
  await until(() => record.hasProvider);
  assert.deepEqual(json(record.get()), { n: 1 });
  assert.equal(record.version, 1);
});

test('an invalid pattern is an error and registers nothing', async (t) => {
  const provider = await connect(t, server, { expecting: ['UNSOLICITED_MESSAGE', 'INVALID_LISTEN_REGEX'], subscriptionTimeout: 100_000 });
  provider.record.listen('settings/(', () => assert.fail('called for an invalid pattern'));
  await until(() => provider.errors.length > 0);
});

test('many records at once, one provider', async (t) => {
  const [provider, b] = await connectAll(t, server, 2);
  const { pattern, name } = subject();
  const told = await listen(provider, pattern);
  const records = await Promise.all(Array.from({ length: 100 }, (_, n) => open(b, name(n))));
  await until(() => records.every((record) => record.hasProvider));
  assert.equal(new Set(told.matches).size, 100);
  assert.equal(told.matches.length, 100);
  b.close();
  await untilEqual(() => new Set(told.stops).size, 100);
});
