// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import type { StreamLag } from './changes.js';
import type { DocumentChange, SyncDocument, SyncEvent } from './documents.js';
import type { WireError } from './errors.js';

/** What the server sends, as far as this client reads it. */
export type ServerFrame =
  | WelcomeFrame
  | SubscribedFrame
  | EventFrame
  | ResultFrame
  | ErrorFrame
  | StreamingFrame
  | ChangeFrame
  | StreamStateFrame
  | { readonly type: 'stopped'; readonly streamId: string }
  | { readonly type: 'pong' }
  | { readonly type: 'unsubscribed'; readonly subscriptionId?: string };

export interface WelcomeFrame {
  readonly type: 'welcome' | 'authenticated';
  readonly connectionId?: string;
  readonly heartbeatMs?: number;
  /** When the login ends. */
  readonly expiresAt?: number;
}

export interface SubscribedFrame {
  readonly type: 'subscribed';
  readonly subscriptionId: string;
  readonly ref: string;
  readonly topic?: string;
  /** Event ids, one per log. */
  readonly position?: readonly string[];
  readonly recovered?: boolean;
}

export interface EventFrame {
  readonly type: 'event';
  readonly topic: string;
  readonly data: SyncEvent<object>;
  readonly subscriptionIds: readonly string[];
}

export interface ResultFrame {
  readonly type: 'result';
  readonly requestId: string;
  readonly status: number;
  readonly document?: SyncDocument<object>;
  readonly documents?: readonly SyncDocument<object>[];
  readonly changes?: readonly DocumentChange<object>[];
  readonly results?: readonly BatchAnswer[];
  readonly next?: string | number;
}

/** One item of a batch's answer. */
export interface BatchAnswer {
  readonly status: number;
  readonly document?: SyncDocument<object>;
  readonly error?: WireError;
}

export interface ErrorFrame extends WireError {
  readonly type: 'error';
  readonly ref?: string;
  readonly streamId?: string;
}

export interface StreamingFrame {
  readonly type: 'streaming';
  readonly ref: string;
  readonly streamId: string;
  /** The event it goes on after; null: it begins with the oldest. */
  readonly resumedAfter: string | null;
  /** Whether the place was kept under its name. */
  readonly resumed?: boolean;
}

/** What a stream hands out, of which only the id matters here. */
export interface StreamEvent {
  readonly id: string;
}

export interface ChangeFrame {
  readonly type: 'change';
  readonly streamId: string;
  readonly event: StreamEvent;
}

export interface StreamStateFrame extends StreamLag {
  readonly type: 'streamState';
  readonly streamId: string;
}
