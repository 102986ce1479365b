// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The hand-written codec of these tests against bytes of the official one: no server needed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AUTH, CONNECTION, EVENT, RECORD, RPC, TOPIC, decode, encode } from './raw.mjs';

const GOLDEN = [
  ['0610021a020802', TOPIC.CONNECTION, { action: CONNECTION.PING }],
  ['0610021a020803', TOPIC.CONNECTION, { action: CONNECTION.PONG }],
  ['0610021a020804', TOPIC.CONNECTION, { action: CONNECTION.ACCEPT }],
  [
    '3210021a2e08052a1177733a2f2f682f6465657073747265616d3204302e31613a05372e302e35420a6a617661736372697074',
    TOPIC.CONNECTION,
    { action: CONNECTION.CHALLENGE, url: 'ws://h/deepstream', protocolVersion: '0.1a', sdkVersion: '7.0.5', sdkType: 'javascript' },
  ],
  ['0c10031a08080312046e756c6c', TOPIC.AUTH, { action: AUTH.AUTH_SUCCESSFUL, data: 'null' }],
  ['0b10041a0708031a01302801', TOPIC.EVENT, { action: EVENT.SUBSCRIBE, correlationId: '0', isAck: true }],
  ['1010051a0c080412027b7d320272316800', TOPIC.RECORD, { action: RECORD.READ_RESPONSE, name: 'r1', version: 0, data: '{}' }],
  ['1410051a10080632017868ffffffffffffffffff01', TOPIC.RECORD, { action: RECORD.HEAD_RESPONSE, name: 'x', version: -1 }],
  ['1410051a10080872050a0161100072050a01621007', TOPIC.RECORD, { action: RECORD.HEAD_RESPONSE_BULK, versions: { a: 0, b: 7 } }],
  [
    '1310051a0f08133202723158006203612e626805',
    TOPIC.RECORD,
    { action: RECORD.PATCH, name: 'r1', path: 'a.b', version: 5, isWriteAck: false },
  ],
  [
    '0d10051a090873200132016e5012',
    TOPIC.RECORD,
    { action: RECORD.MESSAGE_DENIED, name: 'n', originalAction: RECORD.UPDATE, isError: true },
  ],
  ['1210061a0e08021201311a0263313a03616464', TOPIC.RPC, { action: RPC.REQUEST, name: 'add', correlationId: 'c1', data: '1' }],
];

for (const [hex, topic, fields] of GOLDEN) {
  test(`golden frame ${hex.slice(0, 24)}`, () => {
    assert.equal(encode(topic, fields).toString('hex'), hex);
    assert.deepEqual(decode(Buffer.from(hex, 'hex')), { topic, ...fields });
  });
}
