// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.spi.Store;
import java.time.InstantSource;

final class MemoryPurgeContractTest extends PurgeContractSuite {
  @Override
  protected Store open(InstantSource clock) {
    return new MemoryStore(clock);
  }

  @Override
  protected void purge() {
    ((MemoryStore) store()).purgeTombstones(clock.millis() - KEPT.toMillis());
  }
}
