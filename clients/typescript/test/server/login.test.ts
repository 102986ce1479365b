// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Logging in, and staying logged in.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { RealtimeClient } from '@freshet/client';
import { rejection, until, within } from '../waiting.js';
import { connect, serverForThisFile, unique } from './server.js';

const SECRET = 'a secret of at least thirty-two bytes';
const server = await serverForThisFile({ auth: [{ type: 'jwt', secret: SECRET, leeway: '0s' }] });

function jwt(sub: string, seconds: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'HS256' })}.${part({ sub, iat: now, exp: now + seconds })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

test('a token says who writes', async (t) => {
  const { sync } = await connect(t, server, { token: jwt('anna', 60) });
  assert.equal((await sync.create('session', {})).updatedBy, 'anna');
});

test('a wrong token is refused, and nothing more is tried', async (t) => {
  const realtime = new RealtimeClient({ url: server.url, token: 'wrong' });
  t.after(() => realtime.disconnect());
  const error = await rejection(realtime.connect());
  assert.deepEqual([error.status, error.code], [401, 'UNAUTHENTICATED']);
  assert.equal(realtime.state, 'disconnected');
});

test('a login is renewed on the open connection, before it ends', async (t) => {
  let asked = 0;
  const states: string[] = [];
  const realtime = await connect(t, server, {
    token: async () => {
      asked++;
      return jwt('anna', asked === 1 ? 3 : 3600);
    },
  });
  realtime.on('connection', (state) => states.push(state));
  const service = unique();
  let events = 0;
  realtime.on('event', () => events++);
  const id = realtime.subscribe({ topic: `sync.${service}.updated` });
  await within(realtime.ready(id), 'the acknowledgement');
  const begun = Date.now();
  await until(() => asked >= 2, 'the renewal');
  await until(() => Date.now() > begun + 4_000, 'the first token to end');
  await realtime.sync.create(service, {});
  await until(() => events > 0, 'an event');
  assert.deepEqual(states, [], 'the connection has not ended');
});

test('a login that ends closes the connection; with a token function it comes back', async (t) => {
  let asked = 0;
  const states: string[] = [];
  // Hidden from the client, which could renew it otherwise.
  const realtime = await connect(t, server, {
    token: () => ({ token: jwt('anna', ++asked === 1 ? 2 : 3600), expiresAt: undefined }),
  });
  realtime.on('connection', (state) => states.push(state));
  await until(() => asked >= 2 && realtime.state === 'connected', 'the second login');
  assert.equal((await realtime.sync.create('session', {})).updatedBy, 'anna');
});
