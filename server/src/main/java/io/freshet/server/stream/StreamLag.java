// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.spi.SnapshotProgress;
import org.jspecify.annotations.Nullable;

/// How far a stream is behind.
///
/// @param events changes of the log that it has not looked at
/// @param ms time between the last one it has looked at and the newest
/// @param dropped events it was not sent because its client read too slowly
/// @param snapshot how far its snapshot is, done once its client was sent all of it; null for none
public record StreamLag(long events, long ms, long dropped, @Nullable SnapshotProgress snapshot) {
  static final StreamLag NONE = new StreamLag(0, 0, 0, null);
}
