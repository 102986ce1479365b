// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Clients as users have them: the package where npm puts it, beside a Prisma Client that was
// generated. Streams ask no database.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FreshetOptions, withFreshet } from '@freshet/prisma';
import type { Prisma, PrismaClient } from 'generated';

const here = path.dirname(fileURLToPath(import.meta.url));
export const CLIENTS = path.resolve(here, '../../../../../../dist/src/test/client');

/** By the folder each one is in. */
export const VERSIONS = { 'Prisma Client 7': 'prisma7', 'Prisma Client 6.19': 'prisma6' };

const NO_DATABASE = {
  provider: 'postgres',
  adapterName: 'none',
  connect(): Promise<never> {
    throw new Error('there is no database here');
  },
};

interface Installed {
  readonly PrismaClient: new (options: object) => PrismaClient;
  readonly Prisma: typeof Prisma;
}

export function installed(folder: string) {
  const require = createRequire(path.join(CLIENTS, folder, 'schema.prisma'));
  const generated = require('./node_modules/generated') as Installed;
  const ours = require('@freshet/prisma') as { withFreshet: typeof withFreshet };
  return { ...generated, ...ours };
}

/** Waits as short as they may be. */
const QUICK = { firstMs: 5, maxMs: 100 };

export function prisma(
  server: { readonly url: string },
  options: Partial<FreshetOptions> = {},
  folder = 'prisma7',
) {
  const { PrismaClient, withFreshet } = installed(folder);
  return new PrismaClient({ adapter: NO_DATABASE }).$extends(
    withFreshet({ apiKey: 'any', endpoint: server.url, reconnect: QUICK, ...options }),
  );
}

/** A loop over a stream; the numbers of its rows, in the order they came. */
export function reading(t: TestContext, stream: Awaited<ReturnType<typeof created>>) {
  t.after(() => stream.stop());
  const rows: string[] = [];
  const read = async () => {
    for await (const { created } of stream) rows.push(String(created.id));
  };
  const ended = read();
  ended.catch(() => {}); // for those who await it
  return { rows, ended };
}

export function created(client: ReturnType<typeof prisma>, name?: string) {
  return client.user.stream({ ...(name === undefined ? {} : { name }), create: {} });
}
