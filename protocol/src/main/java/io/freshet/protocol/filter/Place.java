// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import org.jspecify.annotations.Nullable;

/// Where in a filter its reader is, for the message of a refusal: `update.after.OR[1].email.gt`.
///
/// @param depth named places above
record Place(@Nullable Place above, String step, int depth) {
  private static final int STEP_MAX = 60;
  private static final int TEXT_MAX = 300;

  static Place root(String step) {
    return new Place(null, step, 0);
  }

  /// @throws FreshetException `INVALID_FILTER` below [Budget#DEPTH_MAX] levels
  Place at(String key) {
    String shown = key.length() > STEP_MAX ? key.substring(0, STEP_MAX) + "…" : key;
    if (depth == Budget.DEPTH_MAX) {
      throw refused("is nested deeper than " + Budget.DEPTH_MAX + " levels");
    }
    return new Place(this, step.isEmpty() ? shown : "." + shown, depth + 1);
  }

  Place at(int index) {
    return new Place(this, "[" + index + "]", depth);
  }

  /// @param why goes on after the place: `takes a number, not a text`
  FreshetException refused(String why) {
    return new FreshetException(
        ErrorCode.INVALID_FILTER, "The filter cannot be used: `" + this + "` " + why);
  }

  @Override
  public String toString() {
    var text = new StringBuilder(step);
    for (Place up = above; up != null; up = up.above) {
      text.insert(0, up.step);
      if (text.length() > TEXT_MAX) {
        return "…" + text.substring(text.length() - TEXT_MAX);
      }
    }
    return text.toString();
  }
}
