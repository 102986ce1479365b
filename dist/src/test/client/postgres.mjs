// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL, started by the program that the Java tests use, with what they have on their class path.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { runJava } from './java.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { Client } = createRequire(path.join(here, 'prisma7', 'package.json'))('pg');
export const PASSWORD = 'postgres';
const START_MS = 120_000;

/// One database server on its own directory.
export class Postgres {
  #child;
  port = 0;

  constructor() {
    this.home = mkdtempSync(path.join(os.tmpdir(), 'freshet-postgres-'));
  }

  get url() {
    return `postgresql://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /// With the password, as programs outside of Freshet have it.
  get fullUrl() {
    return this.url.replace('postgres@', `postgres:${PASSWORD}@`);
  }

  /// Starts it; again after an end: on the same port and data.
  async start() {
    const data = path.join(this.home, 'data');
    const child = runJava('io.freshet.testkit.PostgresServer', '18', data, String(this.port));
    this.#child = child;
    const url = new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => resolve(String(text)));
      child.on('exit', (code) => reject(new Error(`PostgreSQL ended with code ${code} before it was ready`)));
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    this.port = Number(new URL((await url).trim()).port);
    clearTimeout(timer);
    return this;
  }

  /// As an administrator stops it.
  async stop() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }

  /// As a crash ends it, `kill -9` of the postmaster.
  async crash() {
    const pid = readFileSync(path.join(this.home, 'data', 'postmaster.pid'), 'utf8').split('\n')[0];
    process.kill(Number(pid), 'SIGKILL');
    await this.stop();
  }

  /// A connection for statements.
  async client(t) {
    const client = new Client({ connectionString: this.fullUrl });
    client.on('error', () => {}); // the server may go away under it
    await client.connect();
    t?.after(() => client.end().catch(() => {}));
    return client;
  }

  async dispose() {
    if (this.#child?.exitCode === null) await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/// The wire between Freshet and a database, which can break.
export class Wire {
  #pairs = new Set();
  #listener;
  #left = Infinity;
  #open = true;
  /// How often it broke.
  cuts = 0;

  static async to(postgres) {
    const wire = new Wire();
    wire.#listener = net.createServer((near) => wire.#connect(near, postgres.port));
    await new Promise((ready) => wire.#listener.listen(0, '127.0.0.1', ready));
    return wire;
  }

  get port() {
    return this.#listener.address().port;
  }

  #connect(near, port) {
    if (!this.#open) return near.destroy();
    const far = net.connect(port, '127.0.0.1');
    const pair = { end: () => [near, far].forEach((socket) => socket.destroy()) };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', pair.end);
      socket.on('close', () => {
        pair.end();
        this.#pairs.delete(pair);
      });
    }
    near.pipe(far);
    far.on('data', (data) => this.#pass(data, far, near));
    far.on('end', () => near.end());
  }

  #pass(data, far, near) {
    const passed = data.subarray(0, this.#left);
    this.#left -= passed.length;
    if (passed.length > 0 && !near.write(passed)) {
      far.pause();
      near.once('drain', () => far.resume());
    }
    if (this.#left === 0) this.cut();
  }

  /// All connections break now: what is on the way is lost.
  cut() {
    this.#left = Infinity;
    this.cuts++;
    this.#pairs.forEach((pair) => pair.end());
  }

  /// All connections break when the database has sent so many more bytes, wherever that is in a message.
  cutAfter(bytes) {
    this.#left = bytes + 1;
  }

  /// Broken until further notice, or not any more.
  down(yes) {
    this.#open = !yes;
    if (yes) this.cut();
  }

  close() {
    this.down(true);
    this.#listener.close();
  }
}

/// One database server for all tests of a file.
export async function postgresForThisFile() {
  const postgres = new Postgres();
  after(() => postgres.dispose());
  return postgres.start();
}
