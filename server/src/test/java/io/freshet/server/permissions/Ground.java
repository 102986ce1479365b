// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.Asking;
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
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks rules as the engine does: loads what they want to see, at most three times.
final class Ground {
  private static final long NOW = 1000;

  private final Map<DocumentKey, Document> documents = new HashMap<>();
  private Principal principal =
      new Principal(
          "john",
          (JsonObject)
              Json.parse(
                  """
                  {"role":"admin","age":30,"groups":["staff","ops"],"email":"john@example.org"}\
                  """),
          null);
  private int rounds;

  /// A file with one rule; everything else is forbidden.
  static RuleSet rules(String section, String path, String kind, String rule) {
    return RuleFile.read("permissions.yml", file(section, path, kind, rule));
  }

  static String file(String section, String path, String kind, String rule) {
    JsonObject file = JsonObject.empty();
    for (RuleKind.Section each : RuleKind.Section.values()) {
      if (!each.isRequired() && !each.key().equals(section)) {
        continue;
      }
      JsonObject all = JsonObject.empty();
      for (RuleKind any : each.kinds()) {
        all = all.with(any.key(), Json.parse("false"));
      }
      JsonObject paths = JsonObject.of("*", all);
      if (each.key().equals(section)) {
        JsonObject one = path.equals("*") ? all : JsonObject.empty();
        paths = paths.with(path, one.with(kind, JsonString.of(rule)));
      }
      file = file.with(each.key(), paths);
    }
    return Json.text(file);
  }

  void has(String name, String data) {
    Document document = live(name, data);
    documents.put(document.key(), document);
  }

  void become(String id, String serverData) {
    principal = new Principal(id, (JsonObject) Json.parse(serverData), null);
  }

  /// How often documents were loaded for the last question.
  int rounds() {
    return rounds;
  }

  private static Document live(String name, String data) {
    return new Document(DocumentKey.ofRecordName(name), Life.LIVE, 1, Json.parse(data), NOW, NOW);
  }

  private static Document missing(String name) {
    return Document.missing(DocumentKey.ofRecordName(name));
  }

  String write(RuleSet rules, String name, @Nullable String before, String after) {
    Document was = before == null ? missing(name) : live(name, before);
    return ask(rules, GuardAction.WRITE, new Subject.OfDocument(was, live(name, after)));
  }

  String read(RuleSet rules, String name) {
    Document document = documents.getOrDefault(DocumentKey.ofRecordName(name), missing(name));
    return ask(rules, GuardAction.READ, new Subject.OfDocument(document, document));
  }

  String delete(RuleSet rules, String name) {
    Document was = documents.getOrDefault(DocumentKey.ofRecordName(name), missing(name));
    var tombstone = new Document(was.key(), Life.TOMBSTONE, 2, JsonNull.NULL, NOW, NOW);
    return ask(rules, GuardAction.DELETE, new Subject.OfDocument(was, tombstone));
  }

  String readAll(RuleSet rules, @Nullable String collection) {
    return ask(rules, GuardAction.READ, new Subject.OfName(collection, null));
  }

  String publish(RuleSet rules, String name, @Nullable JsonValue data) {
    return ask(rules, GuardAction.EVENT_PUBLISH, new Subject.OfName(name, data));
  }

  String request(RuleSet rules, String name, @Nullable JsonValue data) {
    return ask(rules, GuardAction.RPC_REQUEST, new Subject.OfName(name, data));
  }

  String presence(RuleSet rules, @Nullable String name) {
    return ask(rules, GuardAction.PRESENCE, new Subject.OfName(name, null));
  }

  String ask(RuleSet rules, GuardAction action, Subject subject) {
    var loaded = new HashMap<DocumentKey, Document>();
    for (rounds = 0; rounds <= Asking.ROUNDS_MAX; rounds++) {
      switch (rules.check(
          new GuardRequest(principal, Face.RECORDS, action, subject, NOW, loaded))) {
        case GuardAnswer.Allow _ -> {
          return "allow";
        }
        case GuardAnswer.Deny _ -> {
          return "deny";
        }
        case GuardAnswer.Failed _ -> {
          return "fail";
        }
        case GuardAnswer.Needs(var keys) ->
            keys.forEach(
                key -> loaded.put(key, documents.getOrDefault(key, Document.missing(key))));
      }
    }
    return "too many rounds";
  }
}
