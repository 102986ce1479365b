// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// What goes wrong with a disk, in the words of the error catalogue.
final class Refusals {
  private Refusals() {}

  static FreshetException durabilityNotSupported() {
    return new FreshetException(
        ErrorCode.DURABILITY_NOT_SUPPORTED,
        "The embedded store keeps data on one machine; choose memory, os or fsync");
  }

  static FreshetException unusable(Path directory, IOException cause) {
    return new FreshetException(
        ErrorCode.STORE_NOT_USABLE,
        "The data directory "
            + directory
            + " cannot be used ("
            + cause
            + "); make it a directory this process may read and write, or choose another one",
        cause);
  }

  /// A failure while opening.
  static FreshetException cannotOpen(Path directory, RocksDBException cause) {
    if (isLock(cause)) {
      return new FreshetException(
          ErrorCode.STORE_NOT_USABLE,
          "The data directory "
              + directory
              + " is in use by another process; stop that one or choose another directory",
          cause);
    }
    if (isCorrupt(cause)) {
      return corrupt(directory, cause);
    }
    return new FreshetException(
        ErrorCode.STORE_NOT_USABLE,
        "The data directory " + directory + " cannot be opened: " + cause.getMessage(),
        cause);
  }

  private static boolean isLock(RocksDBException cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("lock") && message.contains("LOCK");
  }

  /// Missing files and unknown options are answered as an invalid argument by the library.
  private static boolean isCorrupt(RocksDBException cause) {
    Status status = cause.getStatus();
    if (status == null) {
      return false;
    }
    String message = String.valueOf(cause.getMessage());
    return status.getCode() == Status.Code.Corruption
        || status.getCode() == Status.Code.InvalidArgument
        || status.getCode() == Status.Code.NotSupported
        || message.contains("No such file");
  }

  private static FreshetException corrupt(Path directory, RocksDBException cause) {
    return new FreshetException(
        ErrorCode.STORE_CORRUPT,
        "The data in " + directory + " is damaged: " + cause.getMessage() + "; restore a backup",
        cause);
  }

  /// A failure while reading.
  static FreshetException cannotRead(RocksDBException cause) {
    return isCorrupt(cause)
        ? new FreshetException(
            ErrorCode.STORE_CORRUPT,
            "The stored data is damaged: " + cause.getMessage() + "; restore a backup",
            cause)
        : new FreshetException(
            ErrorCode.UNAVAILABLE, "The stored data cannot be read: " + cause.getMessage(), cause);
  }

  /// Bytes that are intact for RocksDB but not of our making.
  static FreshetException malformed(String what) {
    return new FreshetException(
        ErrorCode.STORE_CORRUPT, "The stored data is damaged: " + what + "; restore a backup");
  }

  static FreshetException tooManySources() {
    return new FreshetException(
        ErrorCode.STORE_NOT_USABLE,
        "One data directory keeps the logs of at most "
            + LogTail.SOURCES_MAX
            + " sources, those no longer in use included; use a name again or a new directory");
  }

  /// The request is known, and doing it again would do it twice.
  static FreshetException outcomeDropped() {
    return new FreshetException(
        ErrorCode.REVISION_CONFLICT,
        "conflict: this request was carried out before, and what it changed is no longer held; read"
            + " the document and decide again under a new key");
  }

  static FreshetException unavailable(String reason) {
    return new FreshetException(ErrorCode.UNAVAILABLE, reason);
  }

  static FreshetException closed() {
    return unavailable("The store is closed");
  }
}
