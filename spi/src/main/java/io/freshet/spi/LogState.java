// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;

/// Where a log stands.
///
/// @param epoch the current epoch
/// @param durability of every change in it
/// @param oldest offset of the oldest change still held; `head + 1` when none is
/// @param head offset of the newest change; 0 when there never was one
/// @param headId id of the newest change; while the epoch has none, of the place before its first
/// @param bytes what the held changes take, roughly
public record LogState(
    LogId log,
    long epoch,
    Durability durability,
    long oldest,
    long head,
    EventId headId,
    long bytes) {}
