// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

/// Something that waits for its turn at one or several documents. Each document has a line of them
/// in the order of their arrival; whoever is first in all of its lines, with all of the documents
/// loaded, may run. Because nobody keeps a document to himself before that, nobody waits for ever.
abstract class Waiter {
  /// Its place among all that arrived.
  final long order;

  /// Whether it keeps its place and waits for something else, for documents a rule wants to see.
  boolean busy;

  Waiter(long order) {
    this.order = order;
  }

  /// Whether it may run, given that it is first in this line and the document is loaded.
  boolean isDue() {
    return !busy;
  }

  /// Takes it out of its lines, of which this is one.
  void leave(Slot slot) {
    slot.leaveLine(this);
  }

  /// Called once it has left its lines; it may join them again. When a document could not be
  /// loaded, it is called too: then [Slots#loadFailure] says why.
  abstract void run();
}
