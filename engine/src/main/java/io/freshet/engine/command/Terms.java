// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.spi.RequestKey;
import org.jspecify.annotations.Nullable;

/// Under which terms a [Revision] is made.
///
/// @param expectedRevision the revision the document must stand at; 0 for one that does not exist,
///   which replace, merge and mutate then create; null for any. Otherwise rejected with
///   `REVISION_CONFLICT`
/// @param ifMatch as `expectedRevision`, but rejected with `PRECONDITION_FAILED`; null for any
/// @param request recognises a repetition, which is answered as the first time and changes nothing;
///   null for none
/// @param requestId the client's name for this request, passed on to subscribers with the change;
///   null for none
public record Terms(
    @Nullable Long expectedRevision,
    @Nullable Long ifMatch,
    @Nullable RequestKey request,
    @Nullable String requestId) {
  /// None.
  public static final Terms NONE = new Terms(null, null, null, null);
}
