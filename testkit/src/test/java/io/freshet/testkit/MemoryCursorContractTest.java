// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.spi.Store;
import java.time.InstantSource;

final class MemoryCursorContractTest extends CursorContractSuite {
  @Override
  protected Store open(InstantSource clock) {
    return new MemoryStore(clock);
  }
}
