// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Places in logs, as event ids carry them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Positions } from '../../src/positions.js';
import { eventId } from '../events.js';

test('each log has its place', () => {
  const positions = new Positions([eventId(5, 1), eventId(9, 2)]);
  assert.equal(positions.advance(eventId(6, 1)), true);
  assert.equal(positions.advance(eventId(6, 1)), false);
  assert.equal(positions.advance(eventId(9, 2)), false);
  assert.equal(positions.advance(eventId(1, 3)), true);
  assert.deepEqual(positions.ids(), [eventId(6, 1), eventId(9, 2), eventId(1, 3)]);
});

test('time is no part of the log, the place is not either', () => {
  const positions = new Positions([eventId(5, 7, 1_000)]);
  const last = eventId(2 ** 55 + 1024, 7, 2_000_000_000_000);
  assert.equal(positions.advance(last), true);
  assert.deepEqual(positions.ids(), [last]);
});

test('every bit of the tag counts', () => {
  const positions = new Positions();
  for (let bit = 0; bit < 24; bit++) positions.advance(eventId(1, 2 ** bit));
  assert.equal(positions.ids().length, 24);
});
