// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import org.jspecify.annotations.Nullable;

/// Reads filters in Prisma's language (Pulse reference, section 6).
///
/// With a model, keys are its fields (after a `Json` field a path may go on: `meta.kind`), values
/// are read as their types, and comparisons that can never hold are refused. Without, keys are
/// paths into the data and values are compared as JSON has them, or as the type a tag (`$type`)
/// gives.
///
/// At most 256 KiB, 32 levels, 1 000 conditions and 10 000 values in lists.
public final class PrismaFilter {
  private PrismaFilter() {}

  /// Reads the arguments of `stream()` and `subscribe()`: `create`, `update` (with `after` and
  /// `before`) and `delete`, each optional. A `name` among them is left alone.
  ///
  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static StreamFilter read(JsonObject arguments, @Nullable Model model) {
    if (arguments.size() == 0 && model == null) {
      return StreamFilter.ALL;
    }
    throw new UnsupportedOperationException("follows");
  }

  /// Reads one filter object, a `where`.
  ///
  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static Filter where(JsonObject where, @Nullable Model model) {
    if (where.size() == 0 && model == null) {
      return Filter.ALL;
    }
    throw new UnsupportedOperationException("follows");
  }
}
