// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// Where a stream has its place.
///
/// @param resumedAfter the change it goes on after; null: it begins with the oldest
/// @param resumed whether the server had kept that place under the stream's name
public record StreamInfo(@Nullable String resumedAfter, boolean resumed) {}
