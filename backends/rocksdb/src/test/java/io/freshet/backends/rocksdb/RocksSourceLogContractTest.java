// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Store;
import io.freshet.testkit.SourceLogContractSuite;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

final class RocksSourceLogContractTest extends SourceLogContractSuite {
  @TempDir Path directory;

  @Override
  protected Store open(InstantSource clock) {
    return ThreeLogs.open(directory, clock);
  }

  @Override
  protected void settle() {
    stop();
  }
}
