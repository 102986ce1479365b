// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.spi.Durability;
import java.time.Duration;

/// What holds for one collection.
///
/// @param retentionBytes of the log its changes are in
public record CollectionSettings(
    Durability durability, Duration retentionAge, long retentionBytes) {}
