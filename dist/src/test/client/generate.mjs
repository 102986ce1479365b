// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Generates every Prisma Client of the tests, before several of them want the same one at once.
import { generateAll } from './pulse.mjs';

generateAll();
