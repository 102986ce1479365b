// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

/// What streams count, all together: by name there could be any number.
///
/// Threading: any event loop; must not block.
public interface StreamMeter {
  /// Counts nothing.
  StreamMeter NONE =
      new StreamMeter() {
        @Override
        public void open(int change) {}

        @Override
        public void counted(long captured, long delivered, long redelivered, long dropped) {}

        @Override
        public void lag(long events, long ms) {}
      };

  /// How many more streams are open, or fewer.
  void open(int change);

  /// What has happened since the last call.
  ///
  /// @param captured changes that streams looked at, once for each stream
  /// @param delivered events sent
  /// @param redelivered those of them that had been sent to the same name before
  /// @param dropped events that slow subscribers were not sent
  void counted(long captured, long delivered, long redelivered, long dropped);

  /// How far the stream that is furthest behind on this loop is behind now.
  void lag(long events, long ms);
}
