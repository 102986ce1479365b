// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents too large to stand in every change: stores keep edits and now and then a full image
/// (design, section 5). None of that may show.
public abstract class BigDocumentContractSuite extends StoreContract {
  private static final DocumentKey BIG = key("files/big");
  private static final int CHANGES = 200;

  private static JsonObject large(int bytes) {
    return new RandomJson(new SplittableRandom(bytes)).large(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 16_000, 16_400, 60_000})
  void readsEveryChangeOfALongHistory(int bytes) {
    var committed = new ArrayList<Change>();
    committed.add(commitOn(BIG, d -> Writes.create(d, large(bytes))));
    for (int i = 0; i < CHANGES; i++) {
      int n = i;
      committed.add(
          commitOn(BIG, d -> Writes.set(d, "member" + n % 7, JsonString.of("value " + n))));
    }

    assertEquals(committed, readAll(store().logOf("files"), "files"));
    assertLogsGiveTheDocuments(List.of(BIG));
  }

  @Test
  void readsAnySingleChange() {
    var committed = new ArrayList<Change>();
    committed.add(commitOn(BIG, d -> Writes.create(d, large(40_000))));
    for (int i = 0; i < CHANGES; i++) {
      int n = i;
      committed.add(commitOn(BIG, d -> Writes.set(d, "n", Integer.toString(n))));
    }

    for (Change change : committed.reversed()) {
      assertEquals(
          change,
          store().read(change.position().log(), null, change.position().offset(), 1).getFirst());
    }
  }

  @Test
  void readsChangesOfManyBigDocumentsInOneCommit() {
    var writes = new ArrayList<Write>();
    for (int i = 0; i < 5; i++) {
      Write write = Writes.create(Document.missing(key("files/" + i)), large(30_000 + i));
      writes.add(write);
      for (int n = 0; n < 70; n++) {
        write = Writes.set(write.after(), "n", Integer.toString(n));
        writes.add(write);
      }
    }

    assertEquals(commitAll(writes), readAll(store().logOf("files"), null));
  }

  @Test
  void keepsADocumentThatGrowsAndShrinks() {
    var committed = new ArrayList<Change>();
    committed.add(commitOn(BIG, d -> Writes.create(d, JsonObject.empty())));
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10; i++) {
        JsonString piece = new RandomJson(new SplittableRandom(i)).text(4_000);
        int n = i;
        committed.add(commitOn(BIG, d -> Writes.set(d, "p" + n, piece)));
      }
      for (int i = 0; i < 10; i++) {
        int n = i;
        committed.add(commitOn(BIG, d -> Writes.erase(d, "p" + n)));
      }
    }
    committed.add(commitOn(BIG, Writes::delete));

    assertEquals(committed, readAll(store().logOf("files"), "files"));
    assertLogsGiveTheDocuments(List.of(BIG));
  }
}
