// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Draws batches of writes over a few documents: every operation, several writes to one document in
/// a commit, some of them tied together as a batch, some that expire, now and then one decided on a
/// state that is gone. Keeps its own model of what a store must hold afterwards. The same seed
/// gives the same history.
public final class RandomHistory {
  private static final int LARGE_BYTES = 20_000;

  private final RandomGenerator random;
  private final RandomJson json;
  private final List<DocumentKey> keys;
  private final Map<DocumentKey, Document> model = new HashMap<>();
  private int batches;

  /// @param collections names to spread the documents over
  /// @param documents how many
  public RandomHistory(RandomGenerator random, List<String> collections, int documents) {
    this.random = random;
    this.json = new RandomJson(random);
    this.keys =
        IntStream.range(0, documents)
            .mapToObj(i -> new DocumentKey(collections.get(i % collections.size()), "d" + i))
            .toList();
  }

  public List<DocumentKey> keys() {
    return keys;
  }

  /// Writes that a store must accept as a whole, given that it accepted all earlier ones.
  public List<Write> batch(int writesMax) {
    var writes = new ArrayList<Write>();
    boolean tied = false;
    for (int i = random.nextInt(1, writesMax + 1); i > 0; i--) {
      Write write = next(current(keys.get(random.nextInt(keys.size()))));
      if (chance(3)) {
        tied = !tied;
        batches++;
      }
      model.put(write.key(), write.after());
      writes.add(tied ? Writes.inBatch("batch " + batches, write) : write);
    }
    batches++;
    return writes;
  }

  /// A write that a store must refuse: decided on a revision that was never reached.
  public Write stale() {
    Document current = current(keys.get(random.nextInt(keys.size())));
    var never =
        new Document(
            current.key(), Document.Life.LIVE, current.revision() + 7, current.data(), 1, 1);
    return Writes.replace(never, json.object());
  }

  /// The document as it must stand; its times are not part of the model.
  public Document current(DocumentKey key) {
    return model.getOrDefault(key, Document.missing(key));
  }

  /// A store has purged the document: it is missing.
  public void forget(DocumentKey key) {
    model.remove(key);
  }

  private Write next(Document current) {
    return switch (current.life()) {
      case MISSING -> chance(3) ? Writes.open(current) : Writes.create(current, body());
      case OPENED -> Writes.create(current, body());
      case TOMBSTONE -> revived(current);
      case LIVE -> changed(current);
    };
  }

  private Write revived(Document tombstone) {
    return switch (random.nextInt(3)) {
      case 0 -> Writes.open(tombstone);
      case 1 -> Writes.restore(tombstone);
      default -> Writes.create(tombstone, body());
    };
  }

  private Write changed(Document live) {
    return switch (random.nextInt(12)) {
      case 0 -> Writes.delete(live);
      case 1 -> Writes.deleteRestorably(live);
      case 2 -> Writes.replace(live, body());
      case 3 -> Writes.expiring(random.nextLong(1L << 42), Writes.mutate(live, List.of()));
      default -> Writes.mutate(live, operations());
    };
  }

  private JsonObject body() {
    JsonObject body = json.object();
    return chance(6) ? body.with("ballast", json.text(LARGE_BYTES)) : body;
  }

  private List<FieldOperation> operations() {
    return IntStream.range(0, random.nextInt(4)).mapToObj(i -> operation()).toList();
  }

  private FieldOperation operation() {
    var path = new RecordPath(tokens());
    return chance(4) ? new FieldOperation.Erase(path) : new FieldOperation.Set(path, value());
  }

  private List<PathToken> tokens() {
    var tokens = new ArrayList<PathToken>();
    tokens.add(new PathToken.Key("m" + random.nextInt(4)));
    for (int i = random.nextInt(3); i > 0; i--) {
      tokens.add(new PathToken.Index(random.nextInt(3)));
    }
    return tokens;
  }

  private JsonValue value() {
    return chance(3) ? JsonString.of("v" + random.nextInt(100)) : json.value();
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }
}
