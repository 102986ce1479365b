// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The embedded store. Decided writes flow in through `RocksStore.commit`, become blocks of changes
/// in RocksDB's write-ahead log, and flow out to the feeds; documents are written behind the log by
/// a maintenance thread and rebuilt from it at the start. Depends on `spi`, `protocol` and RocksDB.
@NullMarked
package io.freshet.backends.rocksdb;

import org.jspecify.annotations.NullMarked;
