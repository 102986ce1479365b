// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.files;

/// Something that looks from time to time whether what it was made from has changed.
public interface Refreshable {

  /// Looks, and takes what has changed. What cannot be used is logged, and what was there stays.
  /// Called every second or so, by one thread at a time, which may be kept waiting. Never fails.
  void refresh();
}
