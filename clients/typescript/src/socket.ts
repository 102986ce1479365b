// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import { FreshetError } from './errors.js';

/** The part of a WebSocket that is used here; that of browsers, of Node and of `ws` all have it. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** No attempt will find one. */
export class NoWebSocketError extends FreshetError {
  constructor() {
    super(
      501,
      'NO_WEBSOCKET',
      'this runtime has no WebSocket: npm install ws, or give one as the option WebSocket',
    );
  }
}

/** Node has a WebSocket of its own from version 22 on; before, the package `ws` stands in. */
export async function findWebSocket(): Promise<WebSocketConstructor> {
  const own = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (own) return own;
  // Not a literal, or bundlers for browsers would look for a package that browsers do not need.
  const name = 'ws';
  try {
    const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as {
      readonly WebSocket: WebSocketConstructor;
    };
    return module.WebSocket;
  } catch {
    throw new NoWebSocketError();
  }
}

/**
 * `http` becomes `ws`, and an address without a path gets that of the door. In browsers an address
 * may be relative to the page: `/ws`.
 */
export function socketAddress(url: string): string {
  const page = (globalThis as { location?: { readonly href: string } }).location?.href;
  const isAddress = url.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  const address = new URL(isAddress ? url : `ws://${url}`, page);
  address.protocol = address.protocol.replace(/^http/, 'ws');
  if (address.pathname === '/') address.pathname = '/ws';
  return address.href;
}
