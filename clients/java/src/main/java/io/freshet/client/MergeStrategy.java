// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Map;
import java.util.Optional;

/// Decides what becomes of a record that was changed here and elsewhere at the same time.
///
/// Threading: called on the client's listener thread.
@FunctionalInterface
public interface MergeStrategy {
  /// What was changed elsewhere stays; what was written here is given up.
  MergeStrategy REMOTE_WINS = conflict -> Optional.of(conflict.remote());

  /// What is here is written over it.
  MergeStrategy LOCAL_WINS = conflict -> Optional.of(conflict.local());

  /// Two states of one record.
  ///
  /// @param local a map, or a list, as it is here; likewise `remote` as the server has it
  record Conflict(String name, Object local, long localVersion, Object remote, long remoteVersion) {
    /// The local data, if it is an object.
    @SuppressWarnings("unchecked") // JSON objects have string keys
    public Map<String, Object> localMap() {
      return (Map<String, Object>) local;
    }

    /// The remote data, if it is an object.
    @SuppressWarnings("unchecked") // JSON objects have string keys
    public Map<String, Object> remoteMap() {
      return (Map<String, Object>) remote;
    }
  }

  /// @return the data to go on with; empty: it cannot be merged, which is told as an error, and the
  ///   remote data stays
  Optional<?> merge(Conflict conflict);
}
