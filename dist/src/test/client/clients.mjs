// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Helpers around the unmodified npm clients: connecting, waiting, and failing on unexpected error events.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const sdks = {
  '7.0.5': require('@deepstream/client').DeepstreamClient,
  '7.0.4': require('deepstream-client-older').DeepstreamClient,
};

const DEADLINE_MS = 15_000;

/// The client's own options, made quicker where they only wait: batching window, discard delay, reconnect steps.
const QUICK = {
  subscriptionInterval: 5,
  recordDiscardTimeout: 20,
  reconnectIntervalIncrement: 20,
  maxReconnectInterval: 100,
  maxReconnectAttempts: 1000,
};

/// A client, not logged in. Its error events are kept in `client.errors`; when the test ends there must be none,
/// save those named in `expecting` (event names).
export function client(t, url, { sdk = '7.0.5', expecting = [], ...options } = {}) {
  const made = new sdks[sdk](url, { ...QUICK, ...options });
  made.errors = [];
  made.on('error', (message, event, topic) => made.errors.push({ message, event, topic }));
  t.after(() => {
    if (!['CLOSED', 'CLOSING'].includes(made.getConnectionState())) made.close();
    const unexpected = made.errors.filter((error) => !expecting.includes(error.event));
    assert.deepEqual(unexpected, [], 'the client emitted errors nobody expected');
  });
  return made;
}

/// A client that is logged in.
export async function connect(t, server, options) {
  const made = client(t, server.url, options);
  const refused = new Promise((_, reject) => {
    made.on('error', (message, event) => event === 'CONNECTION_ERROR' && reject(new Error(`no connection: ${message?.message ?? message}`)));
  });
  refused.catch(() => {}); // after the login it is the test's business
  await within(Promise.race([made.login(), refused]), 'the login');
  return made;
}

/// Several clients that are logged in.
export function connectAll(t, server, count, options) {
  return Promise.all(Array.from({ length: count }, () => connect(t, server, options)));
}

/// The promise, or a failure at the deadline.
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// Waits for a condition; the deadline only ends a test that has failed already.
export async function until(condition, what) {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`waited in vain for ${what ?? condition}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/// Waits until a function's answer equals something, and shows both when it never does.
export async function untilEqual(actual, expected, what) {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await actual();
    try {
      assert.deepEqual(value, expected, what);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/// After this every change that was acknowledged before it has reached the client: the server sends an answer that
/// depends on its state after the changes that came before it.
export async function settled(...clients) {
  await Promise.all(clients.map((each) => each.record.head(unique('settled'))));
}

let counter = 0;
const run = `${process.pid.toString(36)}${Date.now().toString(36)}`;

/// A record name no other test uses.
export function unique(prefix = 'test') {
  return `${prefix}/${run}-${counter++}`;
}

/// A ready record.
export function open(made, name) {
  return made.record.getRecord(name).whenReady();
}

/// A callback that keeps what it was called with.
export function recorder() {
  const calls = [];
  const callback = (...args) => calls.push(args.length === 1 ? args[0] : args);
  callback.calls = calls;
  return callback;
}

/// The promise's rejection; fails when it resolves.
export async function rejection(promise, what = 'the promise') {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`${what} resolved, but had to be rejected`);
}

/// Plain JSON: what a value is on the wire (the client's objects may have no prototype).
export function json(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
