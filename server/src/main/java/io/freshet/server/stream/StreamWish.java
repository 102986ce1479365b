// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.engine.command.Interest;
import io.freshet.engine.guard.Face;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.filter.Filter;

/// What stream a client wants.
///
/// @param terms as the engine has them
/// @param filter of changes, for rows as [io.freshet.protocol.filter.Row#of] makes them
/// @param mode whether it may miss anything
/// @param windowEvents most events sent and not acknowledged; [#UNBOUNDED] when nobody acknowledges
/// @param windowBytes most bytes of them
/// @param typed whether rows come as [TaggedValue]s
public record StreamWish(
    StreamTerms terms, Filter filter, Mode mode, int windowEvents, int windowBytes, boolean typed) {
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /// What a stream promises.
  public enum Mode {
    /// Every change at least once and in order: what cannot be sent now is sent later.
    STREAM,
    /// Every change at most once, from now on: what cannot be sent now is dropped.
    SUBSCRIBE
  }

  Interest interest() {
    return new Interest(terms.collection(), Face.STREAMS);
  }

  boolean isWindowed() {
    return windowEvents != UNBOUNDED;
  }
}
