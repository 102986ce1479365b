// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The package as it is published: what is in it, that both module systems load it, and its types.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const tsc = require.resolve('typescript/bin/tsc');
/** Comments included, before any minifying. */
const GZIPPED_BYTES_MAX = 16_000;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly sideEffects: boolean;
  readonly engines: Record<string, string>;
  readonly dependencies: object;
  readonly devDependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const modules = readdirSync(path.join(root, 'src')).map((file) => file.replace(/\.ts$/, ''));

test('holds the compiled modules, their types, the licence and the page, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
  });
  const packed = JSON.parse(stdout) as
    { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  const files = Object.values(packed)[0]
    ?.files.map((file) => file.path)
    .sort();
  const expected = ['LICENSE', 'README.md', 'package.json', 'target/cjs/package.json'];
  for (const folder of ['target/esm', 'target/cjs']) {
    for (const module of modules) {
      expected.push(`${folder}/${module}.js`, `${folder}/${module}.d.ts`);
    }
  }
  assert.deepEqual(files, expected.sort());
});

test('the manifest says what bundlers and people want to know', () => {
  assert.equal(manifest.license, 'Apache-2.0');
  assert.equal(manifest.sideEffects, false);
  assert.deepEqual(manifest.engines, { node: '>=20' });
  assert.deepEqual(Object.keys(manifest.dependencies), ['ws']);
  for (const [name, version] of Object.entries(manifest.devDependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is pinned`);
  }
});

test('import and require give the same surface', async () => {
  const imported = (await import('@freshet/prisma')) as object;
  const required = require('@freshet/prisma') as object;
  const names = [
    'PrismaPulseAccountHoldError',
    'PrismaPulseDatasourceError',
    'PrismaPulseError',
    'PrismaPulseProjectDisabledError',
    'PrismaPulseServerError',
    'PrismaPulseStreamsDisabledError',
    'PrismaPulseUnauthorizedError',
    'PrismaPulseVersionNotSupportedError',
    'PulseSubscription',
    'withFreshet',
    'withPulse',
  ];
  assert.deepEqual(Object.keys(imported).sort(), names);
  assert.deepEqual(Object.keys(required).sort(), names);
  assert.equal((require('@freshet/prisma/package.json') as Manifest).name, '@freshet/prisma');
});

test('every module says under which licence it is', () => {
  for (const folder of ['target/esm', 'target/cjs']) {
    for (const module of modules) {
      const text = readFileSync(path.join(root, folder, `${module}.js`), 'utf8');
      assert.match(text, /SPDX-License-Identifier: Apache-2\.0/, `${folder}/${module}`);
    }
  }
});

test('public types have no any', () => {
  for (const module of modules) {
    const text = readFileSync(path.join(root, `target/esm/${module}.d.ts`), 'utf8');
    const code = text.replace(/\/\*[^]*?\*\//g, '');
    assert.doesNotMatch(code, /\bany\b/, module);
  }
});

test('is small', () => {
  const code = modules.map((module) => readFileSync(path.join(root, `target/esm/${module}.js`)));
  const bytes = gzipSync(Buffer.concat(code)).length;
  assert.ok(bytes <= GZIPPED_BYTES_MAX, `${bytes} bytes gzipped`);
});

for (const version of [6, 7]) {
  test(`its types are right in strict programs, the README's too, under Prisma ${version}`, async () => {
    await tscAccepts(`test/types/tsconfig${version}.json`);
  });
}

/** Fails with what the compiler says. */
async function tscAccepts(project: string): Promise<void> {
  try {
    await run(process.execPath, [tsc, '-p', path.join(root, project)]);
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
}
