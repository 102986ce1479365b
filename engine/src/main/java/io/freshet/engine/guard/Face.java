// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

/// From which side something is asked: each may have rules of its own.
public enum Face {
  /// Records, events, calls, presence.
  RECORDS,
  /// Documents and their topics.
  DOCUMENTS,
  /// Change streams.
  STREAMS
}
