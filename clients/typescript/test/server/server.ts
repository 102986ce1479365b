// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A real server process: the one FRESHET_COMMAND names, or that of this checkout.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { after } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RealtimeClient } from '@freshet/client';
import type { RealtimeClientOptions } from '@freshet/client';
import { within } from '../waiting.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env['FRESHET_COMMAND'] ?? path.resolve(here, '../../../../../../freshet');
// A first start on a checkout may build.
const START_MS = 120_000;
const STOP_MS = 30_000;

const alive = new Set<ChildProcessByStdio<null, Readable, Readable>>();
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

/** One server process on a data directory of its own. The configuration has the shape of freshet.yml. */
export class Server {
  readonly #home = mkdtempSync(path.join(os.tmpdir(), 'freshet-typescript-tests-'));
  readonly #arguments: readonly string[];
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #output = '';
  #scheme = 'ws';
  port = 0;

  constructor(configuration?: object) {
    const data = path.join(this.#home, 'data');
    const file = path.join(this.#home, 'freshet.yml');
    if (configuration) writeFileSync(file, JSON.stringify(configuration)); // JSON is YAML
    this.#arguments = ['--data', data, ...(configuration ? ['--config', file] : [])];
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Again after a stop: on the same port and data. */
  async start(): Promise<this> {
    const args = ['start', '--port', String(this.port), ...this.#arguments];
    const child = spawn(command, args, { cwd: this.#home, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    alive.add(child);
    child.on('exit', () => alive.delete(child));
    await new Promise<void>((ready, failed) => {
      const fail = (what: string) => failed(new Error(`${command} ${what}:\n${this.#output}`));
      const timer = setTimeout(() => fail('did not become ready'), START_MS);
      child.on('error', (error) => fail(`cannot be run: ${error.message}`));
      child.on('exit', (code) => {
        clearTimeout(timer);
        fail(`ended with code ${code}`);
      });
      const read = (chunk: Buffer) => {
        this.#output += chunk.toString();
        const line = /^Freshet ready.*?http(s?):\/\/127\.0\.0\.1:(\d+)/m.exec(this.#output);
        if (!line) return;
        clearTimeout(timer);
        this.#scheme = `ws${line[1]}`;
        this.port = Number(line[2]);
        ready();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
    });
    return this;
  }

  /** SIGTERM, after which the server ends with code 0. */
  async stop(): Promise<void> {
    assert.deepEqual(await this.#end('SIGTERM'), { code: 0, signal: null }, this.#output);
  }

  /** As a crash does it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async dispose(): Promise<void> {
    try {
      if (this.#child && alive.has(this.#child)) await this.stop();
    } finally {
      rmSync(this.#home, { recursive: true, force: true });
    }
  }

  async #end(signal: NodeJS.Signals) {
    const child = this.#child;
    assert.ok(child && alive.has(child), `the server has ended by itself:\n${this.#output}`);
    const ended = new Promise<object>((resolve) => {
      child.once('exit', (code, by) => resolve({ code, signal: by }));
    });
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    return ended.finally(() => clearTimeout(timer));
  }
}

/** One server for all tests of a file. */
export async function serverForThisFile(configuration?: object): Promise<Server> {
  const server = new Server(configuration);
  after(() => server.dispose());
  try {
    return await server.start();
  } catch (error) {
    await server.dispose(); // a file that fails while it is loaded runs nothing after
    throw error;
  }
}

/** A server for one test. */
export async function serverForThisTest(t: TestContext, configuration?: object): Promise<Server> {
  const server = new Server(configuration);
  t.after(() => server.dispose());
  return server.start();
}

/** Waits as short as they may be, and no end of attempts. */
const QUICK = {
  reconnectionDelay: 5,
  reconnectionDelayMax: 100,
  reconnectionAttempts: Infinity,
};

/** A client that is connected, and is disconnected when the test ends. */
export async function connect(
  t: TestContext,
  server: { readonly url: string },
  options: Partial<RealtimeClientOptions> = {},
): Promise<RealtimeClient> {
  const realtime = new RealtimeClient({ url: server.url, ...QUICK, ...options });
  t.after(() => realtime.disconnect());
  await within(realtime.connect(), 'the connection');
  return realtime;
}

export interface Relay {
  readonly url: string;
  /** Ends all connections; further ones fail until `heal`. */
  cut(): void;
  heal(): void;
}

/** A TCP relay in front of a server: cutting it is what losing the network looks like. */
export async function relay(t: TestContext, server: Server): Promise<Relay> {
  const sockets = new Set<net.Socket>();
  let isOpen = true;
  const listener = net.createServer((inner) => {
    if (!isOpen) return void inner.destroy();
    const outer = net.connect(server.port, '127.0.0.1');
    const end = () => {
      inner.destroy();
      outer.destroy();
      sockets.delete(inner);
    };
    sockets.add(inner);
    for (const socket of [inner, outer]) {
      socket.setNoDelay(true).on('error', end).on('close', end);
    }
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const cut = () => {
    isOpen = false;
    sockets.forEach((socket) => socket.destroy());
  };
  t.after(() => {
    cut();
    listener.close();
  });
  return {
    url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut,
    heal: () => {
      isOpen = true;
    },
  };
}

let count = 0;
const run = `${process.pid.toString(36)}${Date.now().toString(36)}`;

/** A name no other test uses. */
export function unique(prefix = 'test'): string {
  return `${prefix}-${run}-${count++}`;
}
