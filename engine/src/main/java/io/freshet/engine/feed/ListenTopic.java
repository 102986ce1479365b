// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

/// What a listener's pattern is matched against.
public enum ListenTopic {
  /// Names of watched records.
  RECORD,
  /// Names of events somebody subscribes to.
  EVENT
}
