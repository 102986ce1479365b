// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A program of its own that a test can kill: prints what it takes from a stream.
// Arguments: address, collection, name of the stream.
import { writeSync } from 'node:fs';
import { FreshetError, RealtimeClient } from '@freshet/client';

const [url = '', collection = '', name = ''] = process.argv.slice(2);
const OUT = 1;

for (;;) {
  const realtime = new RealtimeClient({ url });
  try {
    for await (const change of realtime.collection<{ n: number }>(collection).stream({ name })) {
      const row =
        change.action === 'create' ? change.created : change.action === 'update' && change.after;
      writeSync(OUT, `${row && row.n}\n`);
    }
  } catch (error) {
    // The one before may still be taken for alive.
    if (!(error instanceof FreshetError && error.code === 'NAME_IN_USE')) throw error;
  }
  realtime.disconnect();
}
