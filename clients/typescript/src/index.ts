// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

export type * from './changes.js';
export { RealtimeClient } from './client.js';
export type { ClientEvents, EventName, RealtimeClientOptions } from './client.js';
export type { Collection } from './collection.js';
export type { ConnectionDetail, ConnectionState } from './connection.js';
export { applyDiff } from './diff.js';
export type * from './documents.js';
export { FreshetError } from './errors.js';
export type { ErrorCode } from './errors.js';
export { Decimal } from './numbers.js';
export type { WebSocketConstructor, WebSocketLike } from './socket.js';
export type { SubscribeOptions, SubscriptionInfo } from './subscription.js';
export type { SyncClient, UpdateOptions } from './sync.js';
export type { Token, TokenAnswer, TokenSource } from './tokens.js';
