// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a program does that knows nothing of certificates but what NODE_EXTRA_CA_CERTS tells it: the unmodified
// deepstream client over wss://. Prints what came of it. Started by tls.test.mjs.
import { DeepstreamClient } from '@deepstream/client';

const [url] = process.argv.slice(2);
const client = new DeepstreamClient(url, { maxReconnectAttempts: 0 });
client.on('error', (error) => {
  console.log('error', String(error?.message ?? error));
  process.exit(1);
});
client.on('connectionStateChanged', (state) => {
  if (state === 'ERROR' || state === 'CLOSED') {
    console.log('closed');
    process.exit(1);
  }
});
await client.login({});
const record = client.record.getRecord('tls/one');
await record.whenReady();
await record.setWithAck('a', { b: [1, 2] });
const seen = await client.record.snapshot('tls/one');
console.log('seen', JSON.stringify(seen));
process.exit(0);
