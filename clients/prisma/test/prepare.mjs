// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Puts the package as it is built beside the Prisma Clients of the tests of the Pulse door, as
// `npm install` would, so that each of them is met with its own runtime and its own types.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const clients = path.resolve(root, '../../dist/src/test/client');

const { load, VERSIONS } = await import(path.join(clients, 'pulse.mjs')).catch((error) => {
  throw new Error(`the Prisma Clients are missing: run npm ci in ${clients}`, { cause: error });
});
for (const folder of Object.values(VERSIONS)) {
  load(folder); // generates its client
  const home = path.join(clients, folder, 'node_modules/@freshet/prisma');
  rmSync(home, { recursive: true, force: true });
  for (const part of ['package.json', 'target/esm', 'target/cjs']) {
    cpSync(path.join(root, part), path.join(home, part), { recursive: true });
  }
}

// The README's TypeScript, to be compiled with the other programs.
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
const program = blocks.join('\n').replace("'./generated/client.js'", "'generated'");
mkdirSync(path.join(root, 'target/readme'), { recursive: true });
writeFileSync(path.join(root, 'target/readme/program.mts'), program);
