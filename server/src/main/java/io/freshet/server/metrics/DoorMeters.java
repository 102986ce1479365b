// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

/// What passes one door.
///
/// @param connections open connections now
/// @param messagesIn messages received
/// @param messagesOut messages handed to sockets
/// @param bytesIn bytes received, framing included
/// @param bytesOut bytes handed to sockets, framing included
public record DoorMeters(
    Tally connections, Tally messagesIn, Tally messagesOut, Tally bytesIn, Tally bytesOut) {}
