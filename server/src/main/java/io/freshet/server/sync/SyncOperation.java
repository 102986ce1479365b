// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What can be asked of the documents face (Sync contract, section 2), with the arguments each
/// takes beside the service and the id.
public enum SyncOperation {
  CREATE("data", "expiresAt", "returnCurrent"),
  GET("includeDeleted"),
  REPLACE("data", "expectedRevision", "returnCurrent"),
  MERGE("data", "nulls", "expectedRevision", "returnCurrent"),
  MUTATE("mutations", "expectedRevision", "returnCurrent"),
  /// A JSON patch, RFC 6902.
  PATCH("patch", "expectedRevision", "returnCurrent"),
  DELETE("expectedRevision", "returnCurrent"),
  RESTORE("expectedRevision", "returnCurrent"),
  TOUCH("expiresAt", "expectedRevision", "returnCurrent"),
  LIST("after", "limit", "filter", "includeDeleted"),
  HISTORY("sinceRevision", "limit"),
  BATCH("ops", "atomic");

  private static final Map<String, SyncOperation> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toMap(SyncOperation::wireName, Function.identity()));

  @SuppressWarnings("ImmutableEnumChecker") // it is: of Set.of
  private final Set<String> arguments;

  SyncOperation(String... arguments) {
    this.arguments = Set.of(arguments);
  }

  /// As clients write it: `merge`.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  Set<String> arguments() {
    return arguments;
  }

  /// Whether it changes one document.
  boolean isRevision() {
    return switch (this) {
      case CREATE, REPLACE, MERGE, MUTATE, PATCH, DELETE, RESTORE, TOUCH -> true;
      case GET, LIST, HISTORY, BATCH -> false;
    };
  }

  /// @throws FreshetException `INVALID_ARGUMENT`
  static SyncOperation of(String wireName) {
    SyncOperation found = BY_NAME.get(wireName);
    if (found == null) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "There is no operation of that name; there are "
              + String.join(", ", BY_NAME.keySet().stream().sorted().toList()));
    }
    return found;
  }
}
