// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.guard.Principal;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who may see what of a change, where not everybody sees all of it. Immutable.
public final class Sight {
  private final @Nullable Seen forAll;
  private final Map<Principal, Seen> byLogin;

  private Sight(@Nullable Seen forAll, Map<Principal, Seen> byLogin) {
    this.forAll = forAll;
    this.byLogin = byLogin;
  }

  /// @param byLogin by identity; not changed any more
  public static Sight of(IdentityHashMap<Principal, Seen> byLogin) {
    return new Sight(null, byLogin);
  }

  /// Everybody sees this; all of it is null, as there is nothing to distinguish.
  public static @Nullable Sight forAll(Seen seen) {
    return seen == Seen.WHOLE ? null : new Sight(seen, Map.of());
  }

  /// What everybody sees; null if that is not the same.
  public @Nullable Seen forAll() {
    return forAll;
  }

  /// Whoever is not known sees nothing.
  public Seen of(Principal principal) {
    return forAll != null ? forAll : byLogin.getOrDefault(principal, Seen.NOTHING);
  }

  /// Whether anybody sees it like that.
  public boolean has(Seen seen) {
    return forAll != null ? forAll == seen : byLogin.containsValue(seen);
  }
}
