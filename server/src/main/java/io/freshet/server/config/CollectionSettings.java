// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.spi.Durability;

/// What holds for one collection.
public record CollectionSettings(Durability durability) {}
