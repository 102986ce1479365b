// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.Locale;
import java.util.regex.Pattern;

/// One thing that can be configured.
///
/// @param path where it stands in the file: `server.port`. A part `*` stands for a name: of a
///   collection or a pattern of such names, of a model
/// @param fallback its value if nobody sets it; shown on the reference page
/// @param text what it does, one or two sentences
/// @param secret whether its value is never shown
record Key<T>(String path, ValueType<T> type, T fallback, String text, boolean secret) {
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");

  Key(String path, ValueType<T> type, T fallback, String text) {
    this(path, type, fallback, text, false);
  }

  boolean isPerName() {
    return path.contains("*");
  }

  /// What stands before the name, with its dot: `collections.`.
  String prefix() {
    return path.substring(0, path.indexOf('*'));
  }

  /// The environment variable that sets it: `FRESHET_SERVER_PORT`.
  String variable() {
    return "FRESHET_"
        + HUMP.matcher(path).replaceAll("_").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
