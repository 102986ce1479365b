// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A program that knows nothing of certificates but what NODE_EXTRA_CA_CERTS tells it: prints what came of it.
// Argument: address.
import { RealtimeClient } from '@freshet/client';

const [url = ''] = process.argv.slice(2);
const realtime = new RealtimeClient({ url, reconnection: false });
try {
  await realtime.connect();
  const { id } = await realtime.sync.create('paper', { a: { b: [1, 2] } });
  const { data } = await realtime.sync.get('paper', id);
  console.log(`seen ${JSON.stringify(data)}`);
} catch (error) {
  console.log(`failed ${String(error)}`);
}
realtime.disconnect();
