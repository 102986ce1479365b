// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.topic.TopicKind;

/// Everything but the change and its receivers that makes an event what it is.
///
/// @param kind of the topic it is sent under
/// @param left whether the document has just ceased to match the subscriber's filter
/// @param resync whether changes before this one were skipped
record EventShape(
    Transport transport, TopicKind kind, ReturnMode mode, boolean left, boolean resync) {
  EventShape asResync() {
    return resync ? this : new EventShape(transport, kind, mode, left, true);
  }
}
