// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Durability;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.BigDocumentContractSuite;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

final class RocksBigDocumentContractTest extends BigDocumentContractSuite {
  @TempDir Path directory;

  /// Three logs, so that whatever the suite does to several collections it does to several logs.
  @Override
  protected Store open(InstantSource clock) {
    var rules =
        List.of(
            new RocksStoreOptions.Rule("cars", Durability.MEMORY),
            new RocksStoreOptions.Rule("dri*", Durability.OS));
    return RocksStore.open(
        RocksStoreOptions.of(directory).withDurability(Durability.FSYNC, rules),
        clock,
        StoreMeter.NONE);
  }
}
