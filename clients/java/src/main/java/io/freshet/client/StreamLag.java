// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a reader is behind.
///
/// @param dropped changes that a reader of a live subscription was too slow for
/// @param snapshot how far the snapshot is; null if there is none
public record StreamLag(long events, Duration time, long dropped, @Nullable Progress snapshot) {

  /// How far a snapshot is.
  ///
  /// @param estimate how many rows there are, roughly; 0 while that is not known
  /// @param done whether all of it was delivered
  public record Progress(long rows, long estimate, boolean done) {}

  static StreamLag of(Frame frame) {
    Frame snapshot = frame.object("snapshot");
    Progress progress =
        frame.has("snapshot")
            ? new Progress(
                snapshot.number("rows", 0), snapshot.number("estimate", 0), snapshot.flag("done"))
            : null;
    return new StreamLag(
        frame.number("lagEvents", 0),
        Duration.ofMillis(frame.number("lagMs", 0)),
        frame.number("dropped", 0),
        progress);
  }

  StreamLag plusDropped(long more) {
    return new StreamLag(events, time, dropped + more, snapshot);
  }
}
