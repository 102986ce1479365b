// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { withFreshet } from '@freshet/prisma';
import { doorsOf } from '../../src/endpoint.js';

test('every scheme, and a path that stays in front', () => {
  const doors: Readonly<Record<string, string>> = {
    'ws://127.0.0.1:6020': 'ws://127.0.0.1:6020',
    'http://[::1]:6020/': 'ws://[::1]:6020',
    'wss://freshet.example': 'wss://freshet.example',
    'https://example.org/live/': 'wss://example.org/live',
  };
  for (const [endpoint, root] of Object.entries(doors)) {
    for (const given of [endpoint, new URL(endpoint)]) {
      const { stream, subscribe } = doorsOf(given);
      assert.deepEqual([stream.href, subscribe.href], [`${root}/stream`, `${root}/subscribe`]);
    }
  }
});

test('what is no endpoint is refused at once', () => {
  const refused = ['', '127.0.0.1:6020', 'ftp://a', 'ws://a/?b=c', 'ws://a/#b', 'ws://a:b@c'];
  for (const endpoint of refused) {
    assert.throws(() => withFreshet({ endpoint, apiKey: 'key' }), TypeError, endpoint);
  }
});

test('so is a key no header takes', () => {
  for (const apiKey of ['', 'a b', 'a\nb', 'ключ']) {
    assert.throws(() => withFreshet({ endpoint: 'ws://a', apiKey }), /apiKey/, apiKey);
  }
});
