// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Store;
import io.freshet.testkit.PurgeContractSuite;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

final class RocksPurgeContractTest extends PurgeContractSuite {
  @TempDir Path directory;

  @Override
  protected Store open(InstantSource clock) {
    var changesForEver = Duration.ofDays(10_000);
    return ThreeLogs.open(
        directory,
        clock,
        new RocksStoreOptions.Retention(changesForEver, Long.MAX_VALUE, Long.MAX_VALUE, KEPT));
  }

  @Override
  protected void settle() {
    stop();
  }

  @Override
  protected void purge() {
    ThreeLogs.maintain((RocksStore) store());
  }
}
