// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.FreshetException;
import java.util.List;

/// A write command, or several that are done together, from arrival to answer. It stands either
/// undecided in the lines of its documents, or decided, as entries, in their chains.
abstract class Undertaking extends Waiter {
  /// How often something is decided again because somebody else was first.
  static final int ATTEMPTS_MAX = 16;

  Undertaking(long order) {
    super(order);
  }

  /// The change of this entry is public; the entry has left its chain.
  abstract void committed(Slot.Entry entry, Change change);

  /// Nothing that this entry depends on is on its way any more; the entry has left its chain.
  ///
  /// @param standing the committed state that it was decided on
  abstract void surfaced(Slot.Entry entry, Document standing);

  /// Its entries were taken out of their chains because another writer was first: it joins its
  /// lines again, to be decided anew.
  abstract void again();

  /// Its entries were taken out of their chains because the store failed.
  abstract void failed(FreshetException failure);

  /// The entries that stand or fall together.
  abstract List<Slot.Entry> entries();
}
