// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The README's program, run as it stands but for the address, prints what the README says; its
// TypeScript compiles.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverForThisFile } from './server.js';

const run = promisify(execFile);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
/** Inside the package, so that its own name leads to it. */
const folder = path.join(root, 'target/readme');
const ADDRESS = "'ws://127.0.0.1:6020'";
const RUN_MS = 30_000;

mkdirSync(folder, { recursive: true });

function blocks(language: string): string {
  const found = [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))];
  assert.ok(found.length > 0, `the README has ${language}`);
  return found.map(([, code]) => code).join('\n');
}

test('the program prints what it says', async () => {
  const server = await serverForThisFile();
  const program = blocks('js');
  assert.equal(program.split(ADDRESS).length, 2, 'the address, once');
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, program.replace(ADDRESS, `'${server.url}'`));
  const { stdout, stderr } = await run(process.execPath, [file], { timeout: RUN_MS });
  const expected = [...program.matchAll(/\/\/ → (.*)/g)].map(([, line = '']) => line);
  const printed = stdout.trimEnd().split('\n');
  assert.equal(printed.length, expected.length, stdout);
  for (const [i, line] of expected.entries()) {
    const text = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '\\S+');
    assert.match(printed[i] ?? '', new RegExp(`^${text}$`));
  }
  assert.equal(stderr, '');
});

test('the TypeScript compiles, strictly', async () => {
  const file = path.join(folder, 'program.mts');
  writeFileSync(file, blocks('ts'));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  };
  const project = path.join(folder, 'tsconfig.json');
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
  await run(process.execPath, [tsc, '-p', project]).catch((error: { stdout: string }) =>
    assert.fail(error.stdout),
  );
});
