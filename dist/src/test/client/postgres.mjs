// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL, started by the program that the Java tests use, with what they have on their class path.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = process.env.FRESHET_TEST_TARGET ?? path.resolve(here, '../../../target');
const { Client } = createRequire(path.join(here, 'prisma7', 'package.json'))('pg');
export const PASSWORD = 'postgres';
const START_MS = 120_000;

/// A JDK 25 or newer, found as `freshet` finds it.
function java() {
  const roots = ['/usr/lib/jvm', '/usr/java', '/opt/java', '/Library/Java/JavaVirtualMachines'];
  const below = (root) => (existsSync(root) ? readdirSync(root).map((each) => path.join(root, each)) : []);
  const homes = [process.env.JAVA_HOME ?? '', ...roots.flatMap(below)];
  for (const home of homes.flatMap((each) => [each, path.join(each, 'Contents/Home')])) {
    const release = path.join(home, 'release');
    const version = home && existsSync(release) && /JAVA_VERSION="(\d+)/.exec(readFileSync(release, 'utf8'));
    if (version && Number(version[1]) >= 25) return path.join(home, 'bin/java');
  }
  throw new Error('the tests with PostgreSQL need a JDK 25; set JAVA_HOME to one');
}

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
    const classPath = readFileSync(path.join(target, 'test-class-path'), 'utf8').trim();
    const all = [path.join(target, 'test-classes'), classPath].join(path.delimiter);
    const data = path.join(this.home, 'data');
    const args = ['-cp', all, 'io.freshet.testkit.PostgresServer', '18', data, String(this.port)];
    const child = spawn(java(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
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

/// One database server for all tests of a file.
export async function postgresForThisFile() {
  const postgres = new Postgres();
  after(() => postgres.dispose());
  return postgres.start();
}
