// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The state of a connection has changed.
///
/// @param reason why, for people; empty if there is nothing to say
/// @param attempt in `RECONNECTING`: which attempt comes next, from 1; else 0
/// @param delay in `RECONNECTING`: after how long; else zero
/// @param error in `DISCONNECTED`: why nothing is tried any more; null after `close()`
public record ConnectionEvent(
    ConnectionState previous,
    ConnectionState state,
    String reason,
    int attempt,
    Duration delay,
    @Nullable FreshetClientException error) {}
