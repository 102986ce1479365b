// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// WebSockets of the user's choice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { WebSocket } from 'ws';
import { client, ScriptedServer } from '../scripted.js';
import { rejection } from '../waiting.js';

test('another WebSocket may be given', async (t) => {
  const server = await ScriptedServer.start(t);
  let made = 0;
  class Counted extends WebSocket {
    constructor(url: string) {
      super(url);
      made++;
    }
  }
  client(t, server, { WebSocket: Counted });
  (await server.next()).welcome();
  assert.equal(made, 1);
});

test('a WebSocket that cannot be made is tried again, then given up', async (t) => {
  class Broken extends WebSocket {
    constructor() {
      super('ws://127.0.0.1:1');
      this.on('error', () => {});
      throw new Error('broken');
    }
  }
  const options = { WebSocket: Broken, reconnectionAttempts: 1 };
  const error = await rejection(client(t, 'ws://127.0.0.1:1', options).connect());
  assert.match(error.message, /broken/);
});
