// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The unmodified npm package @prisma/extension-pulse under a Prisma Client, generated here without a network, an
// engine or a database.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './clients.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/// The clients under test, by the folder that holds each one's packages and schema.
export const VERSIONS = { 'Prisma Client 7': 'prisma7', 'Prisma Client 6.19': 'prisma6' };

/// Streams never ask it.
const NO_DATABASE = {
  provider: 'postgres',
  adapterName: 'none',
  connect() {
    throw new Error('there is no database here');
  },
};

/// Every schema with the folder of its packages and of its client.
const SCHEMAS = [
  ['prisma7', 'schema.prisma', 'generated'],
  ['prisma7', 'reference.prisma', 'generated-reference'],
  ['prisma6', 'schema.prisma', 'generated'],
];

const loaded = new Map();

export function generateAll() {
  for (const [folder, schema, output] of SCHEMAS) generate(path.join(here, folder), schema, output);
}

/// The client and the package of that folder, for whoever puts another one in its place.
export function load(folder, schema = 'schema.prisma', output = 'generated') {
  const key = `${folder}/${schema}`;
  if (!loaded.has(key)) {
    const home = path.join(here, folder);
    const require = createRequire(path.join(home, 'schema.prisma'));
    generate(home, schema, output);
    loaded.set(key, {
      PrismaClient: require(`./node_modules/${output}`).PrismaClient,
      withPulse: require('@prisma/extension-pulse/node').withPulse,
      require,
    });
  }
  return loaded.get(key);
}

function generate(home, schema, output) {
  const made = statSync(path.join(home, 'node_modules', output, 'index.js'), { throwIfNoEntry: false });
  if (made && made.mtimeMs > statSync(path.join(home, schema)).mtimeMs) return;
  const require = createRequire(path.join(home, schema));
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
  execFileSync(process.execPath, [cli, 'generate', '--schema', schema], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      // Neither is needed for generating, and both would be fetched.
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      PRISMA_QUERY_ENGINE_LIBRARY: '/bin/true',
      CHECKPOINT_DISABLE: '1',
    },
  });
}

/// A Prisma Client whose models have `stream` and `subscribe`.
export function prisma(folder, endpoint, apiKey = 'any') {
  const { PrismaClient, withPulse } = load(folder);
  return new PrismaClient({ adapter: NO_DATABASE }).$extends(withPulse({ apiKey, endpoint }));
}

/// A Prisma Client 7 of the schema in the Pulse reference, over a database.
export function prismaOver(databaseUrl, endpoint, apiKey = 'any') {
  const { PrismaClient, withPulse, require } = load('prisma7', 'reference.prisma', 'generated-reference');
  const { PrismaPg } = require('@prisma/adapter-pg');
  const adapter = new PrismaPg({ connectionString: databaseUrl });
  return new PrismaClient({ adapter }).$extends(withPulse({ apiKey, endpoint }));
}

/// What a stream brings, in a loop as users write it, until the test stops it.
export class Reading {
  events = [];

  /// @param subscription as `stream()` gives it
  constructor(t, subscription) {
    this.subscription = subscription;
    this.ended = this.#read(subscription);
    this.ended.catch(() => {}); // for those who await it
    t.after(() => this.stop());
  }

  async #read(subscription) {
    for await (const event of subscription) this.events.push(event);
  }

  stop() {
    this.subscription.stop();
    return within(this.ended.catch(() => {}), 'the end of the loop');
  }

  get actions() {
    return this.events.map(({ action }) => action);
  }
}

/// The first so many events; the loop is left by `break`, so the last one is not acknowledged.
export async function first(subscription, count) {
  const events = [];
  const read = async () => {
    for await (const event of subscription) {
      events.push(event);
      if (events.length === count) break;
    }
  };
  await within(read(), `${count} events`);
  subscription.stop();
  return events;
}

/// The headers the package sends, for clients made by hand.
export function headersOf(modelName, fields, { where, name, dbName = null } = {}) {
  return {
    authorization: 'Bearer any',
    subscription: JSON.stringify({ model: { fields, dbName }, modelName, where }),
    stream: JSON.stringify(name === undefined ? {} : { name }),
    'prisma-client-version': '7.10.0',
  };
}
