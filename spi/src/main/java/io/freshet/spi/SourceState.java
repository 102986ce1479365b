// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// How a source does.
///
/// @param connected whether changes are being received
/// @param detail for people: why not, or where it stands
/// @param collections how many tables it tells of
/// @param changes received since the start
/// @param truncates received since the start
/// @param reconnects since the start
/// @param gaps since the start: how often something was lost
/// @param lagBytes of the database's log, from what is durable here to its end
/// @param lagMs age of the oldest change not durable here; 0 when there is none
/// @param retainedBytes of the database's log that it keeps for this source
public record SourceState(
    boolean connected,
    String detail,
    int collections,
    long changes,
    long truncates,
    long reconnects,
    long gaps,
    long lagBytes,
    long lagMs,
    long retainedBytes) {}
