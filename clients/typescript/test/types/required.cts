// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The types that come with `require`. Compiled, never run.
import { RealtimeClient } from '@freshet/client';
import type { SyncDocument } from '@freshet/client';

const realtime = new RealtimeClient({ url: 'ws://127.0.0.1:6020' });
const read: Promise<SyncDocument> = realtime.sync.get('session', 'a');
void read;
