// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.error.ErrorCode;

/// Who has a stream, as the engine sees it.
///
/// Threading: [#askForSign], [#evicted] and [#over] are called on the engine's thread and hand over
/// at once; the others on any thread.
public interface StreamHolder {
  /// Somebody else wants its name: if its client is there, a
  /// [io.freshet.engine.command.Command.StreamSign] says so, within a second.
  void askForSign();

  /// The stream is over: its place is somebody else's now. Its cursor cannot be moved any more.
  void evicted();

  /// The stream is over: something that it should have brought is lost, or its client may not have
  /// it any more.
  ///
  /// @param reason for people: what happened and what to do
  void over(ErrorCode code, String reason);

  /// What it has delivered.
  StreamFigures figures();

  /// Which client it is, for people.
  String client();
}
