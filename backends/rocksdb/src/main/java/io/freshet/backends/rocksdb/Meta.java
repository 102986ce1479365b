// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// The store's few facts about itself, in the default column family:
///
/// - `format`: the layout's version
/// - `clean`: 1 after a clean stop, 0 while open
/// - `tags`: the highest event id tag handed out
/// - `tag/N`: log and epoch that tag N stands for, and the offset it begins behind
/// - `routing`: which collections go to which log of a level, to notice when that is changed
/// - `log/N`: the name of the source whose log N is
/// - `routes/N`: the collections that go to the log of a source
/// - `progress/N`: how far the source had told, see [SourceProgress]
/// - `epoch/N`: epoch and tag of log N
/// - `time/N`: times of log N up to here may have been used
/// - `mark/N`: how far the documents contain log N
/// - `collection/N`: its name
/// - `lease`: the highest token given to who leases a cursor
final class Meta {
  /// Without the families `due`, `requests` and `cursors`, and without `tag/N`.
  static final long FORMAT_1 = 1;

  /// Without logs of sources; nothing else is different.
  private static final long FORMAT_2 = 2;

  private static final long FORMAT = 3;
  private static final String COLLECTION = "collection/";
  private static final String TAG = "tag/";
  private static final String LOG = "log/";

  private final Database database;

  Meta(Database database) {
    this.database = database;
  }

  /// The mark of a log.
  ///
  /// @param offset the documents on disk contain every change up to here
  /// @param timeMs of that change
  /// @param bytes held in the log up to it
  record Mark(long offset, long timeMs, long bytes) {
    static final Mark START = new Mark(0, 0, 0);
  }

  /// @param number counts up from 1
  /// @param tag of its event ids
  record Epoch(long number, int tag) {}

  /// What a tag of event ids stands for.
  ///
  /// @param log its number
  /// @param begin the epoch's changes come behind this offset
  record Tag(int log, long epoch, long begin) {}

  /// The format of what is here; of nothing, the present one.
  ///
  /// @throws io.freshet.protocol.error.FreshetException `STORE_CORRUPT` when this version cannot
  ///   read it
  long format() {
    long format = number("format", FORMAT);
    if (format != FORMAT && format != FORMAT_2 && format != FORMAT_1) {
      throw Refusals.malformed("it has format " + format + ", this version reads " + FORMAT);
    }
    return format;
  }

  /// Whether the last use of the directory ended as it should; so does one that never began.
  boolean wasStoppedCleanly() {
    return number("clean", 1) == 1;
  }

  int lastTag() {
    return (int) number("tags", 0);
  }

  @Nullable Epoch epoch(int log) {
    byte[] value = get("epoch/" + log);
    if (value == null) {
      return null;
    }
    var in = new ByteReader(value);
    return new Epoch(in.varint(), (int) in.varint());
  }

  long lastLease() {
    return number("lease", 0);
  }

  void putLastLease(WriteBatch batch, long token) throws RocksDBException {
    put(batch, "lease", token);
  }

  long timeReservedMs(int log) {
    return number("time/" + log, 0);
  }

  Mark mark(int log) {
    byte[] value = get("mark/" + log);
    if (value == null) {
      return Mark.START;
    }
    var in = new ByteReader(value);
    return new Mark(in.varint(), in.varint(), in.varint());
  }

  @Nullable String routing() {
    byte[] value = get("routing");
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /// The sources that ever were, by the numbers of their logs.
  Map<Integer, String> sources() {
    var sources = new TreeMap<Integer, String>();
    forEach(LOG, (number, name) -> sources.put(number, new String(name, StandardCharsets.UTF_8)));
    return sources;
  }

  /// The collections of a source.
  Set<String> routes(int log) {
    var names = new TreeSet<String>();
    byte[] value = get("routes/" + log);
    if (value != null) {
      var in = new ByteReader(value);
      while (in.remaining() > 0) {
        names.add(in.text());
      }
    }
    return names;
  }

  SourceProgress progress(int log) {
    byte[] value = get("progress/" + log);
    return value == null ? SourceProgress.NONE : SourceProgress.decode(value);
  }

  void recoverCollections(Collections collections) {
    forEach(
        COLLECTION,
        (number, value) ->
            collections.recovered(number, new String(value, StandardCharsets.UTF_8)));
  }

  /// The tags handed out; those of former epochs only since format 2.
  Map<Integer, Tag> tags() {
    var tags = new HashMap<Integer, Tag>();
    forEach(
        TAG,
        (number, value) -> {
          var in = new ByteReader(value);
          tags.put(number, new Tag((int) in.varint(), in.varint(), in.varint()));
        });
    return tags;
  }

  private void forEach(String prefix, BiConsumer<Integer, byte[]> action) {
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.meta)) {
      for (iterator.seek(key(prefix)); view.standsOnEntry(iterator); iterator.next()) {
        String key = new String(iterator.key(), StandardCharsets.UTF_8);
        if (!key.startsWith(prefix)) {
          return;
        }
        action.accept(Integer.parseInt(key.substring(prefix.length())), iterator.value());
      }
    }
  }

  void putMark(WriteBatch batch, LogTail tail, Mark mark) throws RocksDBException {
    var out = new ByteWriter(32);
    out.varint(mark.offset);
    out.varint(mark.timeMs);
    out.varint(mark.bytes);
    put(batch, "mark/" + tail.number(), out);
  }

  void putCollection(WriteBatch batch, Collections.Collection collection) throws RocksDBException {
    batch.put(
        database.meta,
        key(COLLECTION + collection.number()),
        collection.name().getBytes(StandardCharsets.UTF_8));
  }

  void putTimeReserved(WriteBatch batch, LogTail tail, long upToMs) throws RocksDBException {
    put(batch, "time/" + tail.number(), upToMs);
  }

  void putSource(WriteBatch batch, int log, String name) throws RocksDBException {
    batch.put(database.meta, key(LOG + log), name.getBytes(StandardCharsets.UTF_8));
  }

  void putRoutes(WriteBatch batch, int log, Set<String> names) throws RocksDBException {
    var out = new ByteWriter(1_024);
    new TreeSet<>(names).forEach(out::text);
    put(batch, "routes/" + log, out);
  }

  void putProgress(WriteBatch batch, int log, SourceProgress progress) throws RocksDBException {
    put(batch, "progress/" + log, progress.encode());
  }

  /// What a log's next change is of; its tag is the highest ever handed out.
  void putEpoch(WriteBatch batch, int log, Epoch epoch, long begin) throws RocksDBException {
    put(batch, "tags", epoch.tag);
    putTag(batch, epoch.tag, new Tag(log, epoch.number, begin));
    var out = new ByteWriter(16);
    out.varint(epoch.number);
    out.varint(epoch.tag);
    put(batch, "epoch/" + log, out);
  }

  private void putTag(WriteBatch batch, int number, Tag tag) throws RocksDBException {
    var out = new ByteWriter(16);
    out.varint(tag.log);
    out.varint(tag.epoch);
    out.varint(tag.begin);
    put(batch, TAG + number, out);
  }

  /// What is true from the moment the store is open.
  void putOpened(WriteBatch batch, Iterable<LogTail> tails, Map<Integer, Tag> tags, String routing)
      throws RocksDBException {
    put(batch, "format", FORMAT);
    put(batch, "clean", 0);
    put(batch, "tags", tags.keySet().stream().mapToInt(tag -> tag).max().orElse(0));
    for (Map.Entry<Integer, Tag> tag : tags.entrySet()) {
      putTag(batch, tag.getKey(), tag.getValue());
    }
    batch.put(database.meta, key("routing"), routing.getBytes(StandardCharsets.UTF_8));
    for (LogTail tail : tails) {
      var out = new ByteWriter(16);
      out.varint(tail.epoch());
      out.varint(tail.tag());
      put(batch, "epoch/" + tail.number(), out);
    }
  }

  void putStoppedCleanly(WriteBatch batch) throws RocksDBException {
    put(batch, "clean", 1);
  }

  private void put(WriteBatch batch, String key, long value) throws RocksDBException {
    var out = new ByteWriter(10);
    out.varint(value);
    put(batch, key, out);
  }

  private void put(WriteBatch batch, String key, ByteWriter value) throws RocksDBException {
    batch.put(database.meta, key(key), value.copy());
  }

  private long number(String key, long absent) {
    byte[] value = get(key);
    return value == null ? absent : new ByteReader(value).varint();
  }

  private byte @Nullable [] get(String key) {
    return database.get(database.meta, key(key));
  }

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
