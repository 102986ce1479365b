// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sync contract, section 4.1.
class TopicPatternTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "sync.session.updated, session, UPDATED",
        "sync.session.created, session, CREATED",
        "sync.session.deleted, session, DELETED",
        "sync.*.updated, -, UPDATED",
        "*.session.updated, session, UPDATED",
        "*.*.*, -, UPDATED CREATED DELETED",
        "sync.session.*, session, UPDATED CREATED DELETED",
        "sync.session.>, session, UPDATED CREATED DELETED",
        "sync.session.**, session, UPDATED CREATED DELETED",
        "sync.*.**, -, UPDATED CREATED DELETED",
        "sync.**, -, UPDATED CREATED DELETED",
        "sync.>, -, UPDATED CREATED DELETED",
        "*.>, -, UPDATED CREATED DELETED",
        ">, -, UPDATED CREATED DELETED",
        "**, -, UPDATED CREATED DELETED",
        "sync._.updated, _, UPDATED",
        "sync.Übung-7.updated, Übung-7, UPDATED",
      })
  void comesToCollectionsAndKinds(String text, String collection, String kinds) {
    TopicPattern pattern = TopicPattern.parse(text);
    assertEquals(collection, pattern.collection());
    var names = new TreeSet<String>();
    pattern.kinds().forEach(kind -> names.add(kind.name()));
    assertEquals(new TreeSet<>(Set.of(kinds.split(" "))), names);
    assertEquals(text, pattern.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "*",
        "sync",
        "sync.*",
        "sync.session",
        "sync.session.",
        "sync..updated",
        "sync.session.Updated",
        "sync.session.presence",
        "sync.session.updated.x",
        "sync.session.updated.>",
        "sync.session.updated.**",
        "sync.>.updated",
        "sync.**.updated",
        "> .updated",
        "sync.ses*.updated",
        "sync.a/b.updated",
        "sync.a b.updated",
        "rpc.session.updated",
        "rpc.**",
        "Sync.session.updated",
        "*.*",
        "*.*.*.*",
      })
  void refusesWhatNoTopicMatches(String text) {
    FreshetException refused = assertThrows(FreshetException.class, () -> TopicPattern.parse(text));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused.code());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("sync.<collection>.updated, .created or .deleted"), message);
  }

  @Test
  void refusesEndlessTexts() {
    for (String text :
        new String[] {".".repeat(1 << 20), "sync." + "a".repeat(1 << 20) + ".updated"}) {
      FreshetException refused =
          assertThrows(FreshetException.class, () -> TopicPattern.parse(text));
      assertTrue(String.valueOf(refused.getMessage()).length() < 500);
    }
    String longest = "a".repeat(128);
    assertEquals(longest, TopicPattern.parse("sync." + longest + ".updated").collection());
    assertThrows(FreshetException.class, () -> TopicPattern.parse("sync.a" + longest + ".updated"));
  }

  @ParameterizedTest
  @CsvSource({
    "CREATE, true, true, false",
    "REPLACE, true, false, false",
    "MERGE, true, false, false",
    "MUTATE, true, false, false",
    "RESTORE, true, false, false",
    "DELETE, true, false, true",
    "EXPIRE, true, false, true",
    "OPEN, false, false, false",
    "SNAPSHOT, true, true, true",
  })
  void kindsCarryOperations(
      Operation operation, boolean updated, boolean created, boolean deleted) {
    assertEquals(updated, TopicPattern.parse("sync.a.updated").matches("a", operation));
    assertEquals(created, TopicPattern.parse("sync.a.created").matches("a", operation));
    assertEquals(deleted, TopicPattern.parse("sync.a.deleted").matches("a", operation));
    assertEquals(updated, TopicPattern.parse("sync.**").matches("a", operation));
    assertFalse(TopicPattern.parse("sync.b.**").matches("a", operation));
  }

  @Test
  void matchesTopics() {
    TopicPattern pattern = TopicPattern.parse("sync.a.created");
    assertTrue(pattern.matches("a", TopicKind.CREATED));
    assertFalse(pattern.matches("a", TopicKind.UPDATED));
    assertFalse(pattern.matches("b", TopicKind.CREATED));
    assertTrue(TopicPattern.parse("sync.*.created").matches("b", TopicKind.CREATED));
    assertNull(TopicPattern.parse("sync.*.created").collection());
  }

  @Test
  void eventsGoOutOnUpdatedOrOnTheirOwnKind() {
    TopicPattern all = TopicPattern.parse("sync.**");
    assertEquals("sync.a.updated", all.topicOf("a", Operation.CREATE));
    assertEquals("sync.a.updated", all.topicOf("a", Operation.DELETE));
    assertEquals("sync.a.updated", all.topicOf("a", Operation.MERGE));
    assertEquals("sync.a.updated", all.topicOf("a", Operation.SNAPSHOT));
    TopicPattern created = TopicPattern.parse("sync.*.created");
    assertEquals("sync.a.created", created.topicOf("a", Operation.CREATE));
    assertEquals("sync.a.created", created.topicOf("a", Operation.SNAPSHOT));
    TopicPattern deleted = TopicPattern.parse("sync.a.deleted");
    assertEquals("sync.a.deleted", deleted.topicOf("a", Operation.EXPIRE));
    assertThrows(IllegalArgumentException.class, () -> deleted.topicOf("a", Operation.MERGE));
  }

  @Test
  void equalWhenTheSameTopicsMatch() {
    assertEquals(TopicPattern.parse("sync.>"), TopicPattern.parse("*.*.*"));
    assertEquals(TopicPattern.parse("sync.>").hashCode(), TopicPattern.parse("**").hashCode());
    assertNotEquals(TopicPattern.parse("sync.a.>"), TopicPattern.parse("sync.>"));
    assertNotEquals(TopicPattern.parse("sync.a.created"), TopicPattern.parse("sync.a.updated"));
    assertEquals(EnumSet.allOf(TopicKind.class), TopicPattern.parse(">").kinds());
  }
}
