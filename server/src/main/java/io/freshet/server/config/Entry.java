// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;

/// A value somebody wrote somewhere, not yet understood.
///
/// @param path as written: `server.port`, `collections.driver.durability`
/// @param values one, or several if it was written as a list
/// @param list whether it was written as a list
/// @param origin where, in words: `freshet.yml line 3`
record Entry(String path, List<String> values, boolean list, String origin) {
  Entry {
    values = List.copyOf(values);
  }

  static Entry single(String path, String value, String origin) {
    return new Entry(path, List.of(value), false, origin);
  }
}
