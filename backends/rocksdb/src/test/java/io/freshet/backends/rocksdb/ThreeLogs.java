// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Durability;
import io.freshet.spi.StoreMeter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.rocksdb.RocksDBException;

/// A store with a log per level, so that whatever a suite does to several collections it does to
/// several logs.
final class ThreeLogs {
  private ThreeLogs() {}

  static RocksStore open(Path directory, InstantSource clock) {
    return open(directory, clock, RocksStoreOptions.Retention.DEFAULT);
  }

  static RocksStore open(
      Path directory, InstantSource clock, RocksStoreOptions.Retention retention) {
    var rules =
        List.of(
            new RocksStoreOptions.Rule("cars", Durability.MEMORY),
            new RocksStoreOptions.Rule("dri*", Durability.OS));
    return RocksStore.open(
        RocksStoreOptions.of(directory)
            .withDurability(Durability.FSYNC, rules)
            .withRetention(retention),
        clock,
        StoreMeter.NONE);
  }

  /// Writes the documents to disk.
  static void maintain(RocksStore store) {
    try {
      store.maintain();
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }
}
