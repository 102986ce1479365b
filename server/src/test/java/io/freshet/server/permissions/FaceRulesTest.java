// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.files.UnusableFileException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Sections `sync` and `stream`, and roles.
final class FaceRulesTest {
  private static final String VALVE =
      """
      record: { "*": { create: true, read: true, write: true, delete: true } }
      event: { "*": { publish: true } }
      rpc: { "*": { request: true } }
      presence: { "*": { allow: true } }
      """;

  private static final DocumentKey NOTE = new DocumentKey("note", "7");

  private Principal principal = principal("ann", "{}");

  private static Principal principal(String id, String data) {
    return new Principal(id, (JsonObject) Json.parse(data), null);
  }

  private static RuleSet rules(String sections) {
    return RuleFile.read("permissions.yml", VALVE + sections);
  }

  private static Document live(DocumentKey key, long revision, String data) {
    return new Document(key, Life.LIVE, revision, Json.parse(data), 1, 1);
  }

  private String ask(RuleSet rules, Face face, GuardAction action, Subject subject) {
    return switch (rules.check(new GuardRequest(principal, face, action, subject, 5, Map.of()))) {
      case GuardAnswer.Allow.ALLOW -> "allow";
      case GuardAnswer.Allow.EACH -> "each";
      case GuardAnswer.Deny _ -> "deny";
      case GuardAnswer.Failed _ -> "fail";
      case GuardAnswer.Needs _ -> "needs";
    };
  }

  private String read(RuleSet rules, String data) {
    Document document = live(NOTE, 1, data);
    return ask(rules, Face.DOCUMENTS, GuardAction.READ, new Subject.OfDocument(document, document));
  }

  private String write(RuleSet rules, @Nullable String before, String after) {
    Document was = before == null ? Document.missing(NOTE) : live(NOTE, 1, before);
    var subject = new Subject.OfDocument(was, live(NOTE, 2, after));
    return ask(rules, Face.DOCUMENTS, GuardAction.WRITE, subject);
  }

  private String subscribe(RuleSet rules, @Nullable String collection) {
    return ask(rules, Face.DOCUMENTS, GuardAction.SUBSCRIBE, new Subject.OfName(collection, null));
  }

  private String list(RuleSet rules, String collection) {
    return ask(rules, Face.DOCUMENTS, GuardAction.LIST, new Subject.OfName(collection, null));
  }

  private String stream(RuleSet rules, GuardAction action, String collection, String name) {
    return ask(rules, Face.STREAMS, action, new Subject.OfStream(collection, name));
  }

  private String rows(RuleSet rules, String collection) {
    return ask(rules, Face.STREAMS, GuardAction.READ, new Subject.OfName(collection, null));
  }

  private static String problem(String sections) {
    return String.valueOf(
        assertThrows(UnusableFileException.class, () -> rules(sections)).getMessage());
  }

  @Test
  void withoutASectionOfTheirOwnTheRulesOfRecordsGovern() {
    RuleSet rules = rules("");
    assertEquals("allow", read(rules, "{}"));
    assertEquals("allow", subscribe(rules, "note"));
    assertEquals("allow", stream(rules, GuardAction.STREAM, "note", "s"));
    assertEquals("allow", stream(rules, GuardAction.STREAM_NAME, "note", "s"));
    assertEquals("allow", rows(rules, "note"));
  }

  @Test
  void documentsHaveRulesOfTheirOwn() {
    RuleSet rules =
        rules(
            """
            sync:
              "*": { read: false, list: false, subscribe: false }
              "note":
                create: "data.owner === user.id"
                read: "data.owner === user.id || data.open"
                update: "oldData.owner === user.id && data.owner === oldData.owner"
                delete: "oldData.owner === user.id && id !== '8'"
                list: "user.id === 'ann'"
                subscribe: "collection === 'note' && service === collection"
            """);
    assertEquals("allow", read(rules, "{\"owner\":\"ann\"}"));
    assertEquals("deny", read(rules, "{\"owner\":\"bob\"}"));
    assertEquals("allow", read(rules, "{\"open\":true}"));
    assertEquals("allow", write(rules, null, "{\"owner\":\"ann\"}"));
    assertEquals("deny", write(rules, null, "{\"owner\":\"bob\"}"));
    assertEquals("allow", write(rules, "{\"owner\":\"ann\"}", "{\"owner\":\"ann\",\"n\":1}"));
    assertEquals("deny", write(rules, "{\"owner\":\"ann\"}", "{\"owner\":\"bob\"}"));
    assertEquals("each", list(rules, "note"));
    assertEquals("each", subscribe(rules, "note"));
    assertEquals("deny", subscribe(rules, "other"));
    assertEquals("deny", subscribe(rules, null), "of all collections");
    principal = principal("bob", "{}");
    assertEquals("deny", list(rules, "note"));
    assertTrue(rules.isSameForAll(Face.DOCUMENTS, new DocumentKey("other", "1")));
    assertEquals("allow", stream(rules, GuardAction.STREAM, "note", "s"), "by those of records");
  }

  @Test
  void whatLooksAtNothingButTheUserNeedsNoLookAtDocuments() {
    RuleSet rules =
        rules(
            """
            sync:
              "*": { read: true, list: true, subscribe: true }
              "staff/$id": { read: "user.data.staff" }
              "private/$id": { read: "id === user.id" }
              "late/*": { read: "now > 5" }
            """);
    assertEquals("allow", subscribe(rules, "note"));
    assertEquals("each", subscribe(rules, "staff"), "an id with a / comes under *");
    assertEquals("each", subscribe(rules, "private"));
    assertEquals("deny", subscribe(rules, "late"), "what it says changes by itself");
    assertEquals("deny", subscribe(rules, null), "late among them");
  }

  @Test
  void streamsHaveRulesOfTheirOwn() {
    RuleSet rules =
        rules(
            """
            stream:
              "*": { stream: true, subscribe: false, name: false, row: true }
              "order":
                subscribe: "user.id === 'ann'"
                name: "name.startsWith(user.id + '-')"
                row: "data.region === user.data.region"
              "team$n": { row: "$n === user.id" }
            """);
    assertEquals("allow", stream(rules, GuardAction.STREAM, "order", "x"));
    assertEquals("allow", stream(rules, GuardAction.STREAM_LIVE, "order", "x"));
    assertEquals("deny", stream(rules, GuardAction.STREAM_LIVE, "other", "x"));
    assertEquals("allow", stream(rules, GuardAction.STREAM_NAME, "order", "ann-1"));
    assertEquals("deny", stream(rules, GuardAction.STREAM_NAME, "order", "bob-1"));
    assertEquals("allow", stream(rules, GuardAction.STREAM_NAME, "order", "ann-2"));
    assertEquals("each", rows(rules, "order"));
    assertEquals("allow", rows(rules, "other"));
    assertEquals("allow", rows(rules, "teamann"));
    assertEquals("deny", rows(rules, "teambob"));
    principal = principal("ann", "{\"region\":\"eu\"}");
    Document order = live(new DocumentKey("order", "1"), 1, "{\"region\":\"eu\"}");
    Document foreign = live(new DocumentKey("order", "2"), 1, "{\"region\":\"us\"}");
    var subject = new Subject.OfDocument(order, order);
    assertEquals("allow", ask(rules, Face.STREAMS, GuardAction.READ, subject));
    subject = new Subject.OfDocument(foreign, foreign);
    assertEquals("deny", ask(rules, Face.STREAMS, GuardAction.READ, subject));
  }

  @Test
  void rolesStandForConditionsOnUsers() {
    RuleSet rules =
        rules(
            """
            roles:
              admin: "user.data.role === 'admin'"
              service: "user.data.role === 'service'"
              client: true
            """);
    assertEquals("allow", read(rules, "{}"));
    assertEquals("allow", subscribe(rules, "note"));
    assertEquals("deny", write(rules, null, "{}"));
    assertEquals("allow", stream(rules, GuardAction.STREAM, "note", "s"));
    assertEquals("deny", stream(rules, GuardAction.STREAM_NAME, "note", "s"));
    for (String role : new String[] {"admin", "service"}) {
      principal = principal("svc", "{\"role\":\"" + role + "\"}");
      assertEquals("allow", write(rules, null, "{}"));
      assertEquals("allow", stream(rules, GuardAction.STREAM_NAME, "note", "s"));
    }
  }

  @Test
  void aListOfRolesIsARule() {
    RuleSet rules =
        rules(
            """
            sync:
              "*": { create: [editor, boss], read: [], list: [boss] }
            roles:
              editor: "user.data.editor"
              boss: "user.id === 'boss'"
            """);
    assertEquals("deny", write(rules, null, "{}"));
    assertEquals("deny", read(rules, "{}"));
    principal = principal("boss", "{}");
    assertEquals("allow", write(rules, null, "{}"));
    principal = principal("ann", "{\"editor\":1}");
    assertEquals("allow", write(rules, null, "{}"));
  }

  @Test
  void whatCannotBeIsRefusedWithItsLine() {
    assertTrue(
        problem("sync: { \"*\": { read: true }, \"note/a*\": { list: true } }\n")
            .contains("line 5: sync \"note/a*\" list: the rule is about whole collections"));
    assertTrue(problem("stream: { \"*\": { row: \"now > 1\" } }\n").contains("looks at the time"));
    assertTrue(problem("stream: { \"*\": {}, \"a/b\": {} }\n").contains("names of collections"));
    assertTrue(
        problem("sync: { \"*\": { create: [boss] } }\n").contains("names the role \"boss\""));
    assertTrue(problem("roles: { a: \"now > 1\" }\n").contains("role a: a role may look at user"));
    assertTrue(
        problem("sync: { \"*\": { list: \"id === 'a'\" } }\n").contains("uses id, which is no"));
  }
}
