// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The parameters of a query, `a=1&b=2`, read as browsers and URL libraries write them
/// (`application/x-www-form-urlencoded`): percent-encoded UTF-8, a space also as `+`, a plus
/// therefore as `%2B`. A parameter without `=` has an empty value. Immutable; any thread.
public final class Query {
  private static final Query EMPTY = new Query(Map.of());

  /// As many as the longest request line holds, and then some sense.
  private static final int PARAMETERS_MAX = 256;

  private final Map<String, List<String>> values;

  private Query(Map<String, List<String>> values) {
    this.values = values;
  }

  /// @param text what is behind the `?`, still encoded
  /// @throws FreshetException `INVALID_ARGUMENT` if it cannot be read
  public static Query of(String text) {
    if (text.isEmpty()) {
      return EMPTY;
    }
    String[] parts = text.split("&", -1);
    if (parts.length > PARAMETERS_MAX) {
      throw unreadable("more than " + PARAMETERS_MAX + " parameters");
    }
    var values = new LinkedHashMap<String, List<String>>();
    for (String part : parts) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = decoded(equals < 0 ? part : part.substring(0, equals));
        if (name.isEmpty()) {
          throw unreadable("a parameter without a name");
        }
        values
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .add(equals < 0 ? "" : decoded(part.substring(equals + 1)));
      }
    }
    return new Query(values);
  }

  private static String decoded(String text) {
    try {
      return PercentCoding.decodedOfForm(text);
    } catch (IllegalArgumentException e) {
      throw unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static FreshetException unreadable(String why) {
    return new FreshetException(
        ErrorCode.INVALID_ARGUMENT,
        "the query cannot be read: " + why + "; send UTF-8, percent-encoded where it has to be");
  }

  /// The value of a parameter that is given once at most; empty if it is absent.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` if it is given more than once
  public Optional<String> one(String name) {
    List<String> all = all(name);
    if (all.size() > 1) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT, "the parameter " + name + " is given more than once");
    }
    return all.stream().findFirst();
  }

  /// All values of a parameter, as ordered in the query.
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /// What is given, each once, in the order of its first.
  public Set<String> names() {
    return java.util.Collections.unmodifiableSet(values.keySet());
  }
}
