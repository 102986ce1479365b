// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { filtersOf } from './filters.js';
import type { Model } from './model.js';

/** What one stream or subscription asks for. */
export interface Wish {
  readonly apiKey: string;
  readonly clientVersion: string;
  readonly modelName: string;
  readonly model: Model;
  /** As the program gave them. */
  readonly args: Readonly<Record<string, unknown>> | undefined;
  readonly name: string | undefined;
}

const BEYOND_ASCII = /[\u007f-\uffff]/g;

/** A header takes Latin-1 at most; JSON has a way to write everything in ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    BEYOND_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** All the server is told, in the headers of the handshake. */
export function headersOf(wish: Wish): Record<string, string> {
  const { model, modelName, args, name } = wish;
  const where = args && filtersOf(args, model);
  return {
    authorization: `Bearer ${wish.apiKey}`,
    subscription: asciiJson({ model, modelName, where }),
    stream: asciiJson({ name }),
    'prisma-client-version': wish.clientVersion,
  };
}
