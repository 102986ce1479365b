// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// How long to wait: before attempts, and before a new token.
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitBefore } from '../../src/backoff.js';
import { waitBeforeRenewal } from '../../src/tokens.js';

const backoff = { first: 1_000, max: 30_000 };

test('waits double, up to a bound', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 1_000].map((failures) => waitBefore(backoff, failures, 1));
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('waits are spread over their upper half', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => waitBefore(backoff, 1, random)),
    [1_000, 1_500, 2_000],
  );
});

test('a wait may be nothing', () => {
  assert.equal(waitBefore({ first: 0, max: 30_000 }, 5, 1), 0);
});

test('a new token is fetched half a minute before the old one ends, or when a fifth is left', () => {
  assert.equal(waitBeforeRenewal(3_600_000, 0), 3_570_000);
  assert.equal(waitBeforeRenewal(11_000, 1_000), 8_000);
});

test('a token without an end, or one that has ended by this clock, is left alone', () => {
  assert.equal(waitBeforeRenewal(undefined, 0), undefined);
  assert.equal(waitBeforeRenewal(1_000, 1_000), undefined);
  assert.equal(waitBeforeRenewal(1_000, 5_000), undefined);
});

test('a token that ends in years waits as long as timers can', () => {
  assert.equal(waitBeforeRenewal(1e13, 0), 2 ** 31 - 1);
});
