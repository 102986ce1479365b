// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Starts and stops a real server process, and cuts connections to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = process.env.FRESHET_COMMAND ?? path.resolve(here, '../../../../freshet');
// A first start on a checkout may build; a stop must be quick (the server's own promise).
const START_MS = 120_000;
const STOP_MS = 5_000;

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

/// One server process on its own data directory. `config` is an object in the shape of freshet.yml.
export class Server {
  #child;
  #output = '';

  constructor(config) {
    this.home = mkdtempSync(path.join(os.tmpdir(), 'freshet-client-tests-'));
    this.data = path.join(this.home, 'data');
    this.port = 0;
    if (config) {
      this.configFile = path.join(this.home, 'freshet.yml');
      writeFileSync(this.configFile, JSON.stringify(config)); // JSON is YAML
    }
  }

  /// The address for the deepstream door.
  get url() {
    return `ws://127.0.0.1:${this.port}/deepstream`;
  }

  /// The address for the documents' door.
  get syncUrl() {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  get running() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /// Starts it; again after a stop: on the same port and data.
  async start() {
    const args = ['start', '--port', String(this.port), '--data', this.data];
    if (this.configFile) args.push('--config', this.configFile);
    const child = spawn(command, args, { cwd: this.home, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    alive.add(child);
    child.on('exit', () => alive.delete(child));
    await new Promise((ready, failed) => {
      const timer = setTimeout(() => failed(this.#problem('did not become ready')), START_MS);
      const done = (then, value) => {
        clearTimeout(timer);
        then(value);
      };
      child.on('error', (error) => done(failed, new Error(`cannot run ${command}: ${error.message}`)));
      child.on('exit', (code) => done(failed, this.#problem(`ended with code ${code} before it was ready`)));
      // Its log is another stream: a line of that may come between two pieces of this one.
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += chunk;
        const line = /^Freshet ready.*?https?:\/\/127\.0\.0\.1:(\d+)/m.exec(said);
        if (line) {
          this.port = Number(line[1]);
          done(ready);
        }
      });
      const keep = (chunk) => {
        this.#output += chunk;
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
    });
    return this;
  }

  /// SIGTERM; the server promises to end with code 0 within five seconds.
  async stop() {
    const child = this.#child;
    assert.ok(this.running, this.#problem('was not running any more').message);
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const how = await ended;
    clearTimeout(timer);
    assert.deepEqual(how, { code: 0, signal: null }, this.#problem('did not stop cleanly').message);
  }

  /// SIGKILL: what a crash looks like to the server.
  async crash() {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  /// Waits until the process has ended by itself.
  async ended() {
    if (this.running) await new Promise((resolve) => this.#child.once('exit', resolve));
  }

  async dispose() {
    try {
      if (this.running) await this.stop();
    } finally {
      rmSync(this.home, { recursive: true, force: true });
    }
  }

  #problem(what) {
    return new Error(`${command} ${what}; its output:\n${this.#output.slice(-4000)}`);
  }
}

/// One server for all tests of a file, stopped (and checked for a clean stop) after the last one.
export async function serverForThisFile(config) {
  const server = new Server(config);
  after(() => server.dispose());
  try {
    await server.start();
    await doorOpens(server);
  } catch (error) {
    await server.dispose(); // a file that fails while it is loaded runs nothing after
    throw error;
  }
  return server;
}

/// Without the door every test would wait for its deadline: the file fails at once instead.
function doorOpens(server) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(server.url, { handshakeTimeout: STOP_MS });
    socket.once('open', () => {
      socket.terminate();
      resolve();
    });
    socket.once('error', (error) => reject(new Error(`the deepstream door does not open at ${server.url}: ${error.message}`)));
  });
}

/// A TCP relay in front of the server: cutting it is what losing the network looks like.
export async function relay(t, server) {
  const pairs = new Set();
  let open = true;
  const listener = net.createServer((inner) => {
    if (!open) return inner.destroy();
    const outer = net.connect(server.port, '127.0.0.1');
    pairs.add(inner);
    const end = () => {
      inner.destroy();
      outer.destroy();
      pairs.delete(inner);
    };
    for (const socket of [inner, outer]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    inner.pipe(outer).pipe(inner);
  });
  await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
  const cut = () => {
    open = false;
    pairs.forEach((socket) => socket.destroy());
  };
  t.after(() => {
    cut();
    listener.close();
  });
  return {
    url: `ws://127.0.0.1:${listener.address().port}/deepstream`,
    syncUrl: `ws://127.0.0.1:${listener.address().port}/ws`,
    cut,
    heal: () => {
      open = true;
    },
  };
}
