// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Store;
import io.freshet.testkit.OutcomeContractSuite;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

final class RocksOutcomeContractTest extends OutcomeContractSuite {
  @TempDir Path directory;
  private int settled;

  @Override
  protected Store open(InstantSource clock) {
    return ThreeLogs.open(directory, clock);
  }

  @Override
  protected void settle() {
    if (settled++ % 2 == 0) {
      ThreeLogs.maintain((RocksStore) store());
    } else {
      stop();
    }
  }
}
