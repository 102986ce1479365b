// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Programs of the Java tests, with what those have on their class path.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = process.env.FRESHET_TEST_TARGET ?? path.resolve(here, '../../../target');

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
  throw new Error('tests with Java programs need a JDK 25; set JAVA_HOME to one');
}

/// A process whose standard input and output are the caller's.
export function runJava(mainClass, ...args) {
  const libraries = readFileSync(path.join(target, 'test-class-path'), 'utf8').trim();
  const classPath = [path.join(target, 'test-classes'), libraries].join(path.delimiter);
  return spawn(java(), ['-cp', classPath, mainClass, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
