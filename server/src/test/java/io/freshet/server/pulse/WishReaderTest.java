// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Action;
import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.Row;
import io.freshet.protocol.filter.StreamFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers as the client's package sends them, and others.
class WishReaderTest {
  private static final String ROW =
      """
      {"email_address":"jane@prisma.io","name":null,"balance":"12.50","big":"9007199254740993",
       "score":1.5,"admin":true,"createdAt":"2026-01-31T12:30:00Z","avatar":"AQI=",
       "meta":{"kind":"a","tags":["x"]},"role":"ADMIN","tags":["a","b"]}
      """;

  private static PulseWish read(PulseModels models, PulseKind kind, String where, String stream) {
    return new WishReader(models).read(kind, Users.headers(where, stream));
  }

  private static FreshetException refusal(List<Map.Entry<String, String>> headers) {
    var reader = new WishReader(PulseModels.NONE);
    return assertThrows(FreshetException.class, () -> reader.read(PulseKind.STREAM, headers));
  }

  private static boolean matches(Action action, String where) {
    String arguments =
        action == Action.UPDATE
            ? "{\"update\":{\"after\":" + where + "}}"
            : "{\"" + action.text() + "\":" + where + "}";
    Filter filter = Users.wish(arguments).filter().of(action);
    return filter.matches(
        Row.of(
            switch (action) {
              case CREATE -> Users.change(Operation.CREATE, "5", "", ROW);
              case UPDATE -> Users.change(Operation.MERGE, "5", "{}", ROW);
              case DELETE -> Users.change(Operation.DELETE, "5", ROW, "");
            }));
  }

  @Test
  void readsTheModel() {
    PulseWish wish = Users.wish("");
    assertEquals("users", wish.collection());
    assertEquals("User", wish.model().name());
    assertEquals(Set.of("posts"), wish.model().relations());
    assertEquals(12, wish.model().fields().size());
    assertEquals("email_address", wish.model().fields().get("email").key());
    assertEquals(FieldType.ENUM, wish.model().fields().get("role").type());
    assertEquals(true, wish.model().fields().get("tags").list());
    assertNull(wish.model().fields().get("name").list());
    assertEquals("id", wish.model().idField());
    assertEquals(StreamFilter.ALL, wish.filter());
    assertNull(wish.name());
  }

  @Test
  void mapsModelsToCollections() {
    var models =
        new PulseModels(
            Map.of(
                "User",
                new PulseModels.Mapping(Optional.of("people"), Optional.of("email")),
                "Post",
                new PulseModels.Mapping(Optional.of("posts"), Optional.empty())));
    PulseWish wish = read(models, PulseKind.STREAM, "", "{}");
    assertEquals("people", wish.collection());
    assertEquals("email", wish.model().idField());
    List<Map.Entry<String, String>> unmapped =
        List.of(
            Map.entry(
                "subscription",
                "{\"modelName\":\"Car\",\"model\":{\"fields\":[],\"dbName\":null}}"));
    assertEquals("Car", new WishReader(models).read(PulseKind.STREAM, unmapped).collection());
    var wrong =
        new PulseModels(
            Map.of("User", new PulseModels.Mapping(Optional.empty(), Optional.of("passport"))));
    String message =
        assertThrows(FreshetException.class, () -> read(wrong, PulseKind.STREAM, "", "{}"))
            .getMessage();
    assertTrue(message.contains("pulse.models.User.idField"), message);
  }

  @Test
  void takesTheNameOfAStreamFromItsHeader() {
    assertEquals(
        "all",
        read(PulseModels.NONE, PulseKind.STREAM, "{\"name\":\"all\"}", "{\"name\":\"all\"}")
            .name());
    assertNull(read(PulseModels.NONE, PulseKind.STREAM, "", "{}").name());
    assertNull(read(PulseModels.NONE, PulseKind.STREAM, "", "{\"name\":null}").name());
    assertNull(read(PulseModels.NONE, PulseKind.SUBSCRIBE, "", "{\"name\":\"all\"}").name());
    assertNull(
        new WishReader(PulseModels.NONE)
            .read(PulseKind.STREAM, List.of(Map.entry("subscription", Users.subscription(""))))
            .name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | create,update,delete",
        "{\"name\":\"n\"} | create,update,delete",
        "{\"create\":{}} | create",
        "{\"update\":{}} | update",
        "{\"delete\":{},\"name\":\"n\"} | delete",
        "{\"create\":{},\"update\":{\"after\":{}}} | create,update",
      })
  void wantsTheActionsThatAreNamedOrAll(String where, String actions) {
    StreamFilter filter = Users.wish(where).filter();
    List<String> texts = filter.actions().stream().map(Action::text).toList();
    assertEquals(actions, String.join(",", texts));
    filter.actions().forEach(action -> assertEquals(Filter.ALL, filter.of(action)));
  }

  /// Everything the package knows of, in the shape in which it sends it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\":5} | true",
        "{\"id\":{\"in\":[4,5]}} | true",
        "{\"id\":{\"in\":[]}} | false",
        "{\"name\":null} | true",
        "{\"name\":{\"equals\":null}} | true",
        "{\"name\":{\"not\":null}} | false",
        "{\"name\":{\"not\":\"x\"}} | false",
        "{\"name\":{\"notIn\":[\"x\"]}} | false",
        "{\"NOT\":{\"name\":\"x\"}} | false",
        "{\"email\":{\"endsWith\":\"@prisma.io\"}} | true",
        "{\"email\":{\"contains\":\"%\"}} | false",
        "{\"email\":{\"startsWith\":\"JANE\",\"mode\":\"insensitive\"}} | true",
        "{\"email\":{\"startsWith\":\"JANE\"}} | false",
        "{\"email\":{\"not\":{\"contains\":\"hello\"}}} | true",
        "{\"email\":{\"equals\":{\"modelName\":\"User\",\"name\":\"email\",\"typeName\":\"String\",\"isEnum\":false}}}"
            + " | true",
        "{\"score\":{\"gt\":1,\"lte\":1.5}} | true",
        "{\"score\":{\"lt\":1.5}} | false",
        "{\"balance\":{\"$type\":\"Decimal\",\"value\":\"12.5\"}} | true",
        "{\"balance\":{\"gte\":{\"$type\":\"Decimal\",\"value\":\"12.51\"}}} | false",
        "{\"big\":{\"equals\":{\"$type\":\"BigInt\",\"value\":\"9007199254740993\"}}} | true",
        "{\"big\":{\"in\":[{\"$type\":\"BigInt\",\"value\":\"9007199254740992\"}]}} | false",
        "{\"createdAt\":{\"lt\":{\"$type\":\"DateTime\",\"value\":\"2026-01-31T12:30:00.001Z\"}}} |"
            + " true",
        "{\"avatar\":{\"$type\":\"Bytes\",\"value\":\"AQI=\"}} | true",
        "{\"meta\":{\"$type\":\"Json\",\"value\":\"{\\\"equals\\\":{\\\"tags\\\":[\\\"x\\\"],\\\"kind\\\":\\\"a\\\"}}\"}}"
            + " | true",
        "{\"meta\":{\"$type\":\"Json\",\"value\":\"{\\\"kind\\\":\\\"a\\\"}\"}} | false",
        "{\"meta\":{\"$type\":\"Json\",\"value\":\"{\\\"path\\\":[\\\"kind\\\"],\\\"equals\\\":\\\"a\\\"}\"}}"
            + " | true",
        "{\"role\":\"ADMIN\"} | true",
        "{\"role\":{\"in\":[\"USER\"]}} | false",
        "{\"admin\":{\"not\":true}} | false",
        "{\"tags\":{\"has\":\"a\"}} | true",
        "{\"tags\":{\"hasEvery\":[\"a\",\"c\"]}} | false",
        "{\"tags\":{\"hasSome\":[\"a\",\"c\"]}} | true",
        "{\"tags\":{\"isEmpty\":true}} | false",
        "{\"AND\":[{\"id\":5},{\"role\":\"ADMIN\"}]} | true",
        "{\"AND\":[]} | true",
        "{\"OR\":[]} | false",
        "{\"OR\":[{\"id\":6},{\"role\":\"ADMIN\"}]} | true",
        "{\"NOT\":{}} | true",
        "{\"AND\":{\"id\":5}} | true",
        "{\"NOT\":[{\"id\":6},{\"id\":7}]} | true",
      })
  void filtersAsPrismaDoes(String where, boolean matches) {
    for (Action action : Action.values()) {
      assertEquals(matches, matches(action, where), action + " " + where);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"create\":{\"nickname\":1}} | create.nickname",
        "{\"create\":{\"posts\":{\"some\":{}}}} | relation",
        "{\"create\":{\"name\":{\"search\":\"x\"}}} | search",
        "{\"create\":{\"id\":\"five\"}} | create.id",
        "{\"create\":{\"createdAt\":\"never\"}} | createdAt",
        "{\"create\":{\"email\":{\"equals\":{\"modelName\":\"Post\",\"name\":\"x\",\"typeName\":\"String\",\"isEnum\":false}}}}"
            + " | another model",
        "{\"updates\":{}} | updates",
        "{\"update\":{\"email\":\"x\"}} | update.after",
      })
  void refusesFiltersThatCanNeverBeMeant(String where, String part) {
    FreshetException refusal = refusal(Users.headers(where, "{}"));
    assertEquals(ErrorCode.INVALID_FILTER, refusal.code());
    assertTrue(refusal.getMessage().contains(part), refusal::getMessage);
    PulseRefusal answered = PulseRefusal.of(refusal);
    assertEquals(400, answered.status());
    assertEquals("P6100", answered.code().text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"modelName\":\"User\"}",
        "{\"modelName\":1,\"model\":{\"fields\":[]}}",
        "{\"modelName\":\"\",\"model\":{\"fields\":[]}}",
        "{\"modelName\":\"User\",\"model\":{}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[1]}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[{\"name\":\"a\"}]}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[{\"name\":\"a\",\"kind\":\"scalar\",\"type\":\"Money\"}]}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[{\"name\":\"a\",\"kind\":\"object\"},{\"name\":\"a\",\"kind\":\"object\"}]}}",
        "{\"modelName\":\"a.b\",\"model\":{\"fields\":[]}}",
        "{\"modelName\":\"_\",\"model\":{\"fields\":[]}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[]},\"where\":[]}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[],\"fields\":[]}}",
        "{\"modelName\":\"User\",\"model\":{\"fields\":[]},\"__proto__\":1}",
      })
  void refusesHeadersThatSayNothing(String subscription) {
    FreshetException refusal = refusal(List.of(Map.entry("subscription", subscription)));
    assertFalse(refusal.getMessage().isEmpty());
    assertEquals("P6100", PulseRefusal.of(refusal).code().text());
  }

  @Test
  void refusesHeadersThatAreMissingOrDoubled() {
    assertTrue(refusal(List.of()).getMessage().contains("subscription"));
    var twice = new ArrayList<>(Users.headers("", "{}"));
    twice.addAll(Users.headers("", "{}"));
    assertTrue(refusal(twice).getMessage().contains("twice"));
    assertEquals(ErrorCode.INVALID_NAME, refusal(Users.headers("", "{\"name\":\"\"}")).code());
    refusal(Users.headers("", "{\"name\":7}"));
    refusal(Users.headers("", "nothing"));
  }

  @Test
  void readsTextThatCameAsLatin1AndAsEscapes() {
    PulseWish latin = Users.wish("{\"create\":{\"name\":\"caf\u00e9\"}}");
    PulseWish escaped = Users.wish("{\"create\":{\"name\":\"caf\\u00e9\"}}");
    assertEquals(latin.filter(), escaped.filter());
    assertTrue(
        latin
            .filter()
            .create()
            .matches(Row.of(Users.change(Operation.CREATE, "1", "", "{\"name\":\"café\"}"))));
  }

  @Test
  void readsAcknowledgementsAndNothingElse() {
    String id = Users.change(Operation.CREATE, "1", "", "{}").id().text();
    assertEquals(id, ack("{\"type\":\"ack\",\"id\":\"" + id + "\"}"));
    for (String other :
        List.of(
            "",
            "x",
            "[]",
            "{}",
            "{\"type\":\"ack\"}",
            "{\"type\":\"ack\",\"id\":7}",
            "{\"type\":\"ack\",\"id\":\"0/2A5A590\"}",
            "{\"type\":\"nack\",\"id\":\"" + id + "\"}")) {
      assertEquals("", ack(other), other);
    }
  }

  private static String ack(String frame) {
    return ClientFrames.acknowledged(frame.getBytes(StandardCharsets.UTF_8))
        .map(id -> id.text())
        .orElse("");
  }
}
