// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// What a store tells about its work. Called on the committing thread; must be cheap.
public interface StoreMeter {
  /// Counts nothing.
  StoreMeter NONE =
      new StoreMeter() {
        @Override
        public void committed(int writes, long bytes, long nanos) {}

        @Override
        public void synced(long nanos) {}
      };

  /// @param writes accepted in this commit
  /// @param bytes handed to the log
  /// @param nanos from the call to the return
  void committed(int writes, long bytes, long nanos);

  /// A write-ahead log was synced.
  ///
  /// @param nanos the sync took
  void synced(long nanos);
}
