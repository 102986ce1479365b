// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.spi.Store;
import java.time.InstantSource;

final class MemorySourceLogContractTest extends SourceLogContractSuite {
  @Override
  protected Store open(InstantSource clock) {
    return new MemoryStore(clock);
  }
}
