// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Principal;
import io.freshet.server.stream.StreamWish;
import io.freshet.spi.Authenticator.Verdict.Accepted;

/// A client that has been admitted, with the stream that was opened for it.
///
/// @param mark of the connections, taken before the login was judged
/// @param remoteAddress of the client
/// @param wish what it wants
/// @param streamWish the same, as streams have it
/// @param holder whom the engine knows as the one that has the stream
record PulseEntry(
    Accepted login,
    Principal principal,
    long mark,
    String remoteAddress,
    PulseWish wish,
    StreamWish streamWish,
    Outcome.StreamOpened opened,
    PulseHolder holder) {}
