// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// What makes a repeated request known: the writer's own name for it, within what it concerns.
///
/// @param principal id of the user
/// @param scope what it concerns: a document, a collection, a batch
/// @param key the client's idempotency key
public record RequestKey(String principal, String scope, String key) {}
