// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// `--key value` pairs of the command line; `--flag` alone is `true`. A key nobody asked for is an
/// error, so that a typing mistake does not measure something else.
final class Arguments {
  private final Map<String, String> values = new HashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  Arguments(String[] args, int from) {
    for (int i = from; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        throw new LoadException("expected --key, found '" + args[i] + "'");
      }
      boolean flag = i + 1 == args.length || args[i + 1].startsWith("--");
      values.put(args[i].substring(2), flag ? "true" : args[++i]);
    }
  }

  String text(String key, String otherwise) {
    known.add(key);
    return values.getOrDefault(key, otherwise);
  }

  String required(String key) {
    known.add(key);
    String value = values.get(key);
    if (value == null) {
      throw new LoadException("--" + key + " is missing");
    }
    return value;
  }

  long number(String key, long otherwise) {
    String value = text(key, Long.toString(otherwise));
    try {
      return Long.parseLong(value.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new LoadException("--" + key + " takes a whole number, not '" + value + "'", e);
    }
  }

  int count(String key, int otherwise) {
    long value = number(key, otherwise);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new LoadException("--" + key + " is out of range: " + value);
    }
    return (int) value;
  }

  boolean flag(String key) {
    return Boolean.parseBoolean(text(key, "false"));
  }

  /// Call when everything has been asked for.
  void refuseUnknown() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new LoadException("unknown --" + key + "; this scenario knows " + known);
      }
    }
  }
}
