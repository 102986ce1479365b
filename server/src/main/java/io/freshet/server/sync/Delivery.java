// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.DocumentKey;

/// One change for some subscriptions of one connection.
///
/// @param ids of the subscriptions, as a JSON array
/// @param conflateMs as in [Wish], the same for all of them
record Delivery(Publication publication, EventShape shape, String ids, int conflateMs) {
  /// What is replaced by a newer state: what the same subscriptions are to be told of the same
  /// document.
  record Subject(DocumentKey key, ReturnMode mode, String ids) {}

  Subject subject() {
    return new Subject(publication.change().key(), shape.mode(), ids);
  }

  /// @return not to be modified
  byte[] frame(JsonOutput scratch) {
    return frame(shape, scratch);
  }

  /// As an event that tells that others before it were skipped.
  byte[] resyncFrame(JsonOutput scratch) {
    return frame(shape.asResync(), scratch);
  }

  private byte[] frame(EventShape as, JsonOutput scratch) {
    return ChangeEvents.of(publication).frame(as, ids, publication.requestId(), scratch);
  }

  /// Roughly what it keeps in memory.
  int heldBytes() {
    return publication.change().after().data().encodedBytes();
  }
}
