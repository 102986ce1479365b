// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message of a request, understood. Lists are records.
sealed interface ApiMessage {
  /// @param data null for none
  record Emit(String event, @Nullable JsonValue data) implements ApiMessage {}

  /// @param data null for none
  record Make(String procedure, @Nullable JsonValue data) implements ApiMessage {}

  /// @param list whether it is read as a list
  record Read(String name, boolean list) implements ApiMessage {}

  record Head(String name) implements ApiMessage {}

  /// @param path null when the whole record is written
  /// @param version the next one; [#ANY_VERSION] and 0 for whatever comes next
  record Write(String name, @Nullable String path, JsonValue data, int version)
      implements ApiMessage {
    static final int ANY_VERSION = -1;
  }

  record Delete(String name) implements ApiMessage {}

  record Notify(List<String> names) implements ApiMessage {
    public Notify {
      names = List.copyOf(names);
    }
  }

  /// @param names null for everybody
  record Query(@Nullable List<String> names) implements ApiMessage {
    public Query {
      names = names == null ? null : List.copyOf(names);
    }
  }
}
