// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;

/// Reads filters of the documents face (Sync contract 4.2): an object whose every entry must hold.
/// The keys `id` and `operation` are the document's id and what was done to it; any other is a path
/// into its data (`status`, `user.name`, `/id`). A value is what must be there, or an object of
/// operators: `gt`, `gte`, `lt`, `lte`, `ne`, `in`, `exists`, `prefix`, `contains`.
///
/// At most 256 KiB, 1 000 conditions and 10 000 values in lists.
public final class SyncFilter {
  private SyncFilter() {}

  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static Filter read(JsonObject filter) {
    if (filter.size() == 0) {
      return Filter.ALL;
    }
    throw new UnsupportedOperationException("follows");
  }
}
