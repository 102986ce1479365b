// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// A listener that was registered; closing it takes it away.
@FunctionalInterface
public interface Registration extends AutoCloseable {
  @Override
  void close();
}
