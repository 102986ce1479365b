// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// A running delivery of changes.
public interface Feed extends AutoCloseable {
  /// Ends it. After the return the listener is not called again.
  @Override
  void close();
}
