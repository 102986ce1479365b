// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The layout of RocksDB's keys. Numbers are big endian, so that byte order is their order.
///
/// | family | key | value |
/// |---|---|---|
/// | `changes` | log, collection, last offset of the commit | the commit's changes of that collection |
/// | `batches` | log, last offset of the commit | its size, time and collections |
/// | `documents` | collection, id | the document as of some offset behind the head |
/// | `bases` | log, collection, offset | a document as a dropped change left it; or nothing: the end of a life |
/// | `due` | kind, time, collection, id | nothing: what is to be done about a document, see [Due] |
/// | `cursors` | name | position and lease of a named stream, see [RocksCursors] |
/// | `requests` | ten minutes, digest, log | what became of a request, see [Outcomes] |
/// | default | see [Meta] | |
///
/// A collection's changes are one range; the whole log is read along `batches`. Keying a block by
/// the commit's last offset (not its own) makes it one exact lookup from there, and a seek finds
/// the block of any change.
final class Keys {
  private static final int LOG = 1;
  private static final int COLLECTION = 4;
  private static final int OFFSET = 8;
  private static final int KIND = 1;
  private static final int TIME = 8;

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

  /// As it stands in a key.
  static byte[] id(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] document(int collection, String id) {
    byte[] utf8 = id(id);
    var key = new byte[COLLECTION + utf8.length];
    put32(key, 0, collection);
    System.arraycopy(utf8, 0, key, COLLECTION, utf8.length);
    return key;
  }

  /// The id a key of `documents` ends with.
  static String documentId(byte[] key) {
    return new String(key, COLLECTION, key.length - COLLECTION, StandardCharsets.UTF_8);
  }

  static boolean isDocument(byte[] key, int collection) {
    return key.length >= COLLECTION && get32(key, 0) == collection;
  }

  /// The key of `documents` that an entry of `due` is about.
  static byte[] documentOfDue(byte[] key) {
    return Arrays.copyOfRange(key, KIND + TIME, key.length);
  }

  /// The number of the collection of a key of `documents`.
  static int collection(byte[] documentKey) {
    return get32(documentKey, 0);
  }

  /// Where the entries of a kind begin that are due at a time.
  static byte[] due(int kind, long timeMs) {
    var key = new byte[KIND + TIME];
    key[0] = (byte) kind;
    put64(key, KIND, timeMs);
    return key;
  }

  static byte[] due(int kind, long timeMs, byte[] documentKey) {
    byte[] key = Arrays.copyOf(due(kind, timeMs), KIND + TIME + documentKey.length);
    System.arraycopy(documentKey, 0, key, KIND + TIME, documentKey.length);
    return key;
  }

  static boolean isDue(byte[] key, int kind) {
    return key.length > KIND + TIME && key[0] == (byte) kind;
  }

  static long dueMs(byte[] key) {
    return get64(key, KIND);
  }

  /// Where the requests of a span of ten minutes begin.
  static byte[] requests(long span) {
    var key = new byte[TIME];
    put64(key, 0, span);
    return key;
  }

  static byte[] request(long span, byte[] digest, int log) {
    byte[] key = Arrays.copyOf(requests(span), TIME + digest.length + LOG);
    System.arraycopy(digest, 0, key, TIME, digest.length);
    key[key.length - 1] = (byte) log;
    return key;
  }

  /// The log a key of `requests` ends with.
  static int logOfRequest(byte[] key) {
    return key[key.length - 1] & 0xFF;
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
    return get64(key, key.length - OFFSET);
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

  private static long get64(byte[] key, int at) {
    return (long) get32(key, at) << 32 | get32(key, at + 4) & 0xFFFF_FFFFL;
  }

  private static int get32(byte[] key, int at) {
    return (key[at] & 0xFF) << 24
        | (key[at + 1] & 0xFF) << 16
        | (key[at + 2] & 0xFF) << 8
        | (key[at + 3] & 0xFF);
  }
}
