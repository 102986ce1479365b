// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document.Life;
import io.freshet.protocol.Operation;

/// The numbers on disk of enumerations. Never reused, independent of the order of the constants.
final class Codes {
  private static final Operation[] OPERATIONS = {
    Operation.OPEN,
    Operation.CREATE,
    Operation.REPLACE,
    Operation.MERGE,
    Operation.MUTATE,
    Operation.DELETE,
    Operation.RESTORE,
    Operation.EXPIRE,
    Operation.SNAPSHOT,
    Operation.SNAPSHOT
  };
  private static final Life[] LIVES = {Life.MISSING, Life.OPENED, Life.LIVE, Life.TOMBSTONE};

  /// A snapshot that changes nothing and leaves the revision as it is.
  static final int TOLD = 9;

  private Codes() {}

  static int operation(Operation operation) {
    return switch (operation) {
      case OPEN -> 0;
      case CREATE -> 1;
      case REPLACE -> 2;
      case MERGE -> 3;
      case MUTATE -> 4;
      case DELETE -> 5;
      case RESTORE -> 6;
      case EXPIRE -> 7;
      case SNAPSHOT -> 8;
    };
  }

  static Operation operation(int code) {
    if (code >= OPERATIONS.length) {
      throw Refusals.malformed("unknown operation " + code);
    }
    return OPERATIONS[code];
  }

  static int life(Life life) {
    return switch (life) {
      case MISSING -> 0;
      case OPENED -> 1;
      case LIVE -> 2;
      case TOMBSTONE -> 3;
    };
  }

  static Life life(int code) {
    if (code >= LIVES.length) {
      throw Refusals.malformed("unknown stage of life " + code);
    }
    return LIVES[code];
  }
}
