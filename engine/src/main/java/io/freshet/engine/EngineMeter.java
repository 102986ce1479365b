// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

/// What the engine tells about its work. Called on the engine's thread; must be cheap.
public interface EngineMeter {
  /// Counts nothing.
  EngineMeter NONE =
      new EngineMeter() {
        @Override
        public void commands(int handled) {}

        @Override
        public void committed(int writes, long nanos) {}

        @Override
        public void conflicts(int writes) {}

        @Override
        public void commitFailed(int writes) {}
      };

  /// Commands taken from the inbox in one turn.
  void commands(int handled);

  /// A commit came back.
  ///
  /// @param writes in it
  /// @param nanos from hand-over to the answer, waiting included
  void committed(int writes, long nanos);

  /// Writes the store refused because another writer was first; they are decided again.
  void conflicts(int writes);

  /// Writes rejected because the store failed.
  void commitFailed(int writes);
}
