// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;

/// What one filter may cost. It is tested on every change for as long as somebody listens, so it is
/// bounded in each way in which it could be made expensive.
final class Budget {
  static final int BYTES_MAX = 256 * 1024;
  static final int DEPTH_MAX = 32;
  static final int CONDITIONS_MAX = 1_000;

  /// Of all lists of values together.
  static final int VALUES_MAX = 10_000;

  /// Conditions that have to walk through a whole text: `contains`, and all without regard to case.
  static final int SEARCHES_MAX = 100;

  private int conditions;
  private int values;
  private int searches;

  /// @throws FreshetException `INVALID_FILTER`, as the others
  static Budget of(JsonObject filter, Place place) {
    if (filter.encodedBytes() > BYTES_MAX) {
      throw place.refused("is longer than " + BYTES_MAX / 1024 + " KiB");
    }
    return new Budget();
  }

  void takeCondition(Place place) {
    if (++conditions > CONDITIONS_MAX) {
      throw place.refused("is one more than the " + CONDITIONS_MAX + " conditions of a filter");
    }
  }

  void takeValues(int count, Place place) {
    values += count;
    if (values > VALUES_MAX) {
      throw place.refused(
          "has too many values: the lists of a filter hold at most " + VALUES_MAX + " together");
    }
  }

  void takeSearch(Place place) {
    if (++searches > SEARCHES_MAX) {
      throw place.refused(
          "is one more than the "
              + SEARCHES_MAX
              + " `contains` and case-insensitive conditions of"
              + " a filter");
    }
  }
}
