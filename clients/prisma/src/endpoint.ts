// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

const SCHEMES: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
};

/** Where both kinds of streams are to be had. */
export interface Doors {
  readonly stream: URL;
  readonly subscribe: URL;
}

/**
 * Freshet serves `/stream` and `/subscribe` at its root. A path in the endpoint stays in front of
 * them, for proxies that take it away.
 *
 * @throws TypeError
 */
export function doorsOf(endpoint: string | URL): Doors {
  const base = URL.canParse(String(endpoint)) ? new URL(endpoint) : undefined;
  const scheme = base && SCHEMES[base.protocol];
  if (!base || scheme === undefined) {
    const example = 'ws://127.0.0.1:6020';
    throw new TypeError(`endpoint is a URL of http, https, ws or wss, like ${example}`);
  }
  if (base.search || base.hash || base.username || base.password) {
    throw new TypeError('endpoint has scheme, host, port and perhaps a path, and nothing else');
  }
  const prefix = `${scheme}//${base.host}${base.pathname.replace(/\/+$/, '')}`;
  return { stream: new URL(`${prefix}/stream`), subscribe: new URL(`${prefix}/subscribe`) };
}
