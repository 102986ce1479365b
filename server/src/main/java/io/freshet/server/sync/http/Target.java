// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.server.sync.SyncOperation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a path behind `/api/sync` names, and what each method does there (Sync contract, section
/// 2).
///
/// @param id null for the collection itself
record Target(String service, @Nullable String id, Map<String, SyncOperation> operations) {
  private static final String DOCUMENTS = "documents";

  private static final Map<String, SyncOperation> OF_COLLECTION =
      Map.of("GET", SyncOperation.LIST, "POST", SyncOperation.CREATE);

  /// What `PATCH` does is said by the type of its body.
  private static final Map<String, SyncOperation> OF_DOCUMENT =
      Map.of(
          "GET", SyncOperation.GET,
          "PUT", SyncOperation.REPLACE,
          "PATCH", SyncOperation.PATCH,
          "DELETE", SyncOperation.DELETE);

  private static final Map<String, Map<String, SyncOperation>> BELOW_DOCUMENT =
      Map.of(
          "merge", Map.of("PATCH", SyncOperation.MERGE),
          "mutate", Map.of("POST", SyncOperation.MUTATE),
          "history", Map.of("GET", SyncOperation.HISTORY),
          "restore", Map.of("POST", SyncOperation.RESTORE),
          "touch", Map.of("POST", SyncOperation.TOUCH));

  /// Every method that is taken somewhere.
  static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");

  /// @param segments behind the route's path, decoded
  /// @return null when nothing is served there
  static @Nullable Target of(List<String> segments) {
    int parts = segments.size();
    if (parts < 2 || parts > 4 || segments.contains("") || !segments.get(1).equals(DOCUMENTS)) {
      return null;
    }
    String service = segments.get(0);
    if (parts == 2) {
      return new Target(service, null, OF_COLLECTION);
    }
    Map<String, SyncOperation> operations =
        parts == 3 ? OF_DOCUMENT : BELOW_DOCUMENT.get(segments.get(3));
    return operations == null ? null : new Target(service, segments.get(2), operations);
  }

  /// @param method `HEAD` counts as `GET`
  /// @return null when the method is not taken here
  @Nullable SyncOperation operation(String method) {
    return operations.get(method.equals("HEAD") ? "GET" : method);
  }

  /// The methods taken, in the form of the header `Allow`.
  String allowed() {
    var methods = new TreeSet<>(operations.keySet());
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    return String.join(", ", methods);
  }
}
