// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Compiles the package twice: for `import` and for `require`.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

for (const [folder, project] of [
  ['target/esm', 'tsconfig.json'],
  ['target/cjs', 'tsconfig.cjs.json'],
]) {
  rmSync(folder, { recursive: true, force: true });
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
}
// Inside a package of type "module", this is what makes the folder's files CommonJS.
writeFileSync('target/cjs/package.json', '{ "type": "commonjs" }\n');
