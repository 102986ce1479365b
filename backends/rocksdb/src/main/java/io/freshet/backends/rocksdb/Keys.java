// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.nio.charset.StandardCharsets;

/// The layout of RocksDB's keys. Numbers are big endian, so that byte order is their order.
///
/// | family | key | value |
/// |---|---|---|
/// | `changes` | log, collection, last offset of the commit | the commit's changes of that collection |
/// | `batches` | log, last offset of the commit | its size, time and collections |
/// | `documents` | collection, id | the document as of some offset behind the head |
/// | `bases` | log, collection, offset | a document as a dropped change left it |
/// | default | see [Meta] | |
///
/// A collection's changes are one range; the whole log is read along `batches`. Keying a block by
/// the commit's last offset (not its own) makes it one exact lookup from there, and a seek finds
/// the block of any change.
final class Keys {
  private static final int LOG = 1;
  private static final int COLLECTION = 4;
  private static final int OFFSET = 8;

  private Keys() {}

  static byte[] change(int log, int collection, long offset) {
    var key = new byte[LOG + COLLECTION + OFFSET];
    key[0] = (byte) log;
    put32(key, LOG, collection);
    put64(key, LOG + COLLECTION, offset);
    return key;
  }

  static byte[] batch(int log, long lastOffset) {
    var key = new byte[LOG + OFFSET];
    key[0] = (byte) log;
    put64(key, LOG, lastOffset);
    return key;
  }

  static byte[] document(int collection, String id) {
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    var key = new byte[COLLECTION + utf8.length];
    put32(key, 0, collection);
    System.arraycopy(utf8, 0, key, COLLECTION, utf8.length);
    return key;
  }

  /// Whether a key of `changes` belongs to the log and collection.
  static boolean isChange(byte[] key, int log, int collection) {
    return key.length == LOG + COLLECTION + OFFSET
        && key[0] == (byte) log
        && get32(key, LOG) == collection;
  }

  static boolean isBatch(byte[] key, int log) {
    return key.length == LOG + OFFSET && key[0] == (byte) log;
  }

  /// The offset a key of `changes`, `batches` or `bases` ends with.
  static long offset(byte[] key) {
    int from = key.length - OFFSET;
    return (long) get32(key, from) << 32 | get32(key, from + 4) & 0xFFFF_FFFFL;
  }

  private static void put32(byte[] key, int at, int value) {
    key[at] = (byte) (value >>> 24);
    key[at + 1] = (byte) (value >>> 16);
    key[at + 2] = (byte) (value >>> 8);
    key[at + 3] = (byte) value;
  }

  private static void put64(byte[] key, int at, long value) {
    put32(key, at, (int) (value >>> 32));
    put32(key, at + 4, (int) value);
  }

  private static int get32(byte[] key, int at) {
    return (key[at] & 0xFF) << 24
        | (key[at + 1] & 0xFF) << 16
        | (key[at + 2] & 0xFF) << 8
        | (key[at + 3] & 0xFF);
  }
}
