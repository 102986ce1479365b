// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.EventId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The cursors of named streams (design, section 6).
///
/// **One at a time.** Whoever leases a name takes it from the one before: only the newest token
/// moves the cursor. So a client that was thought to be gone, and is not, cannot disturb its
/// successor.
///
/// **Durability.** What [#advance] does is kept at the latest a second later, and on a clean stop;
/// a crash may take a cursor back by that much, never forward. What [#reset] and [#delete] do is
/// kept when they return.
///
/// **Threads.** Any.
///
/// **Errors.** As [Store].
public interface Cursors {
  /// Takes the right to move the cursor of this name. One that was never leased comes without a
  /// place; give it one at once, or what happens before its first move is lost to it.
  ///
  /// @param collection kept for whoever lists the cursors
  CursorLease lease(String name, String collection);

  /// Moves the cursor forward, in the order of ids. Being there already, or further, is no failure
  /// and moves nothing. Whether the id was ever given is not checked. Returns at once: the disk is
  /// not waited for.
  ///
  /// @return whether the token still holds; if not, nothing was done
  /// @throws IllegalArgumentException when the cursor stands in another log or epoch, as the tag of
  ///   its id tells: only a [#reset] leads from there to here
  boolean advance(String name, long token, EventId place);

  /// All cursors, by name.
  List<Cursor> list();

  @Nullable Cursor find(String name);

  /// Places the cursor anywhere, and takes it from whoever holds it.
  ///
  /// @return false when there is none of this name
  boolean reset(String name, EventId place);

  /// Forgets the cursor, and takes it from whoever holds it.
  ///
  /// @return false when there is none of this name
  boolean delete(String name);
}
