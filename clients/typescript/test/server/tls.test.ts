// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Over wss://: an authority of one's own, and a certificate as login.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RealtimeClient } from '@freshet/client';
import type { SyncEvent } from '@freshet/client';
import { WebSocket } from 'ws';
import { rejection, until, within } from '../waiting.js';
import { connect, serverForThisFile, serverForThisTest, unique } from './server.js';

interface Certified {
  readonly cert: string;
  readonly key: string;
}

interface Authority {
  readonly ca: string;
  certify(subject: string, options?: { names?: string[]; days?: number }): Certified;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '../../../../../..');
const { authority } = (await import(
  pathToFileURL(path.join(repository, 'dist/src/test/client/certificates.mjs')).href
)) as { authority: (name?: string) => Authority };

const house = authority();
const stranger = authority('Another authority');
const home = mkdtempSync(path.join(os.tmpdir(), 'freshet-typescript-tls-'));
after(() => rmSync(home, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const place = path.join(home, name);
  writeFileSync(place, text);
  return place;
}

const own = house.certify('localhost', { names: ['localhost', '127.0.0.1'] });
const tls = { certificate: file('cert.pem', own.cert), key: file('key.pem', own.key) };
const clients = { clientCa: file('ca.pem', house.ca), clientAuth: 'optional' };

const server = await serverForThisFile({ server: { tls } });

/** The WebSocket of `ws`, told whom to trust and, perhaps, what to show. */
function knowing(options: { ca: string; cert?: string; key?: string }) {
  return class extends WebSocket {
    constructor(url: string) {
      super(url, options);
    }
  };
}

/** Runs tls-program.js, which knows nothing of certificates; what it printed. */
async function program(url: string, ca: string): Promise<string> {
  const trusted = file(`trusted-${unique()}.pem`, ca);
  const child = spawn(process.execPath, [path.join(here, 'tls-program.js'), url], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: trusted },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await within(once(child, 'close'), 'the end of the program');
  return output;
}

test('a program that is told of the authority by Node alone', async () => {
  assert.match(server.url, /^wss:/);
  assert.equal(await program(server.url, house.ca), 'seen {"a":{"b":[1,2]}}\n');
  assert.match(await program(server.url, stranger.ca), /^failed /);
});

test('an authority of its own, given to the WebSocket', async (t) => {
  const { sync } = await connect(t, server, { WebSocket: knowing({ ca: house.ca }) });
  const { id } = await sync.create('paper', { n: 1 });
  assert.deepEqual((await sync.get('paper', id)).data, { n: 1 });
  const mistaken = new RealtimeClient({
    url: server.url,
    WebSocket: knowing({ ca: stranger.ca }),
    reconnection: false,
  });
  t.after(() => mistaken.disconnect());
  await rejection(mistaken.connect());
});

test('a certificate is the login, also after the connection has fallen', async (t) => {
  const guarded = await serverForThisTest(t, {
    server: { tls: { ...tls, ...clients } },
    auth: [{ type: 'certificate' }],
  });
  const sensor = knowing({ ca: house.ca, ...house.certify('sensor-7') });
  const realtime = await connect(t, guarded, { WebSocket: sensor });
  const events: SyncEvent[] = [];
  realtime.on('event', (event) => events.push(event));
  await realtime.ready(realtime.subscribe({ topic: 'sync.paper.updated' }));
  const written = await realtime.sync.create('paper', { n: 1 });
  assert.equal(written.updatedBy, 'sensor-7');
  await until(() => events.length === 1, 'the event');
  await guarded.stop();
  await guarded.start();
  assert.equal((await realtime.sync.create('paper', { n: 2 })).updatedBy, 'sensor-7');
  await until(() => events.length === 2, 'the event after the restart');

  const nobody = new RealtimeClient({
    url: guarded.url,
    WebSocket: knowing({ ca: house.ca }),
    token: 'wrong',
  });
  t.after(() => nobody.disconnect());
  assert.equal((await rejection(nobody.connect())).code, 'UNAUTHENTICATED');
  const forged = { ca: house.ca, ...stranger.certify('sensor-7') };
  const forger = new RealtimeClient({
    url: guarded.url,
    WebSocket: knowing(forged),
    reconnection: false,
  });
  t.after(() => forger.disconnect());
  await rejection(forger.connect());
});
