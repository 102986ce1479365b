// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Subject;
import io.freshet.server.files.UnusableFileException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The file: what is refused, and which rule is for a name.
final class RuleFileTest {
  private static final String OPEN =
      """
      record:
        "*": { create: true, write: true, read: true, delete: true, listen: true, notify: true }
      event:
        "*": { publish: true, subscribe: true, listen: true }
      rpc:
        "*": { provide: true, request: true }
      presence:
        "*": { allow: true }
      """;

  private final Ground ground = new Ground();

  private static RuleSet records(String... lines) {
    String record = "record:\n" + String.join("\n", lines).indent(2);
    return RuleFile.read("permissions.yml", record + OPEN.substring(OPEN.indexOf("event:")));
  }

  private String read(RuleSet rules, String name) {
    return ground.read(rules, name);
  }

  @Test
  void theOpenFileAllowsEverything() {
    RuleSet rules = RuleFile.read("permissions.yml", OPEN);
    assertEquals(12, rules.size());
    for (GuardAction action : GuardAction.values()) {
      assertEquals("allow", ground.ask(rules, action, new Subject.OfName("x", null)));
    }
    assertEquals("allow", ground.readAll(rules, null));
  }

  private static void assertProblems(String text, String... problems) {
    var failure =
        assertThrows(UnusableFileException.class, () -> RuleFile.read("p.yml", text), text);
    String message = String.valueOf(failure.getMessage());
    for (String problem : problems) {
      assertTrue(message.contains(problem), message);
    }
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    assertProblems("", "must be a mapping of record, event, rpc, presence");
    assertProblems("- a", "must be a mapping");
    assertProblems("record: [", "p.yml line 1: not valid YAML");
    assertProblems("{}", "section record is missing", "section presence is missing");
    assertProblems(
        OPEN + "records:\n  \"*\": {}\n",
        "p.yml line 9: records is no section; there are record, event, rpc, presence");
    assertProblems(
        OPEN.replace("event:\n  \"*\"", "event:\n  \"a\""), "line 3: section event has no \"*\"");
    assertProblems(
        "record: {}\n" + OPEN.substring(OPEN.indexOf("event:")),
        "line 1: section record must map paths to rules");
    assertProblems(
        OPEN.replace("notify: true", "notify: 1, update: true, read: true"),
        "line 2: record \"*\" notify: the rule must be true, false, an expression in quotes or"
            + " a list of roles",
        "line 2: record \"*\" update: there is no such rule here; there are create, read, write,",
        "line 2: \"read\" is there twice");
    assertProblems(
        OPEN.replace("create: true", "create: \"data.a\", listen: [1]"),
        "create: the rule uses data, which there is not for create",
        "\"listen\" is there twice");
    assertProblems(
        OPEN.replace("publish: true", "publish: \"oldData.a\""),
        "line 4: event \"*\" publish: the rule uses oldData, which there is not for publish");
    assertProblems(
        OPEN.replace("allow: true", "allow: \"usr.id\""),
        "line 8: presence \"*\" allow: the rule uses usr, which is no variable here; there are"
            + " action, name, now, user");
    assertProblems(
        OPEN.replace("request: true", "request: \"name.replace('a', 'b')\""),
        "calls name.replace; only these may be called: _, includes");
  }

  @Test
  void refusesPathsThatAreNone() {
    for (String path : List.of("", "/a", "a/$/b", "a/$-", "a(", "(?=a)b", "a".repeat(600))) {
      String text = OPEN.replace("record:\n", "record:\n  \"" + path + "\": { read: true }\n");
      assertProblems(text, "line 2: record \"" + path + "\": the path ");
    }
  }

  @Test
  void theLongestPathThatHasTheRuleIsChosen() {
    RuleSet rules =
        records(
            "'*': { read: false, write: true }",
            "'user/$id': { read: \"$id === 'ann'\" }",
            "'user/admin/*': { read: true }",
            "'user/.*': { write: false }");
    assertEquals("allow", read(rules, "user/ann"));
    assertEquals("deny", read(rules, "user/bob"));
    assertEquals("deny", read(rules, "user/a/b"), "$id is one segment");
    assertEquals("allow", read(rules, "user/admin/x/y"));
    assertEquals("deny", read(rules, "other"));
    assertEquals("deny", ground.write(rules, "user/ann", null, "{}"));
    assertEquals("allow", ground.write(rules, "xuser/ann", null, "{}"), "the whole name counts");
  }

  @Test
  void ofEquallyLongPathsTheLaterOneIsChosen() {
    RuleSet rules =
        records("'*': { read: false }", "'a/$x': { read: false }", "'a/.x': { read: true }");
    assertEquals("allow", read(rules, "a/xx"));
    assertEquals("deny", read(rules, "a/xy"));
  }

  @Test
  void aKindThatNoPathHasIsForbidden() {
    RuleSet rules = records("'*': { write: true }", "'open/*': { read: true }");
    assertEquals("allow", read(rules, "open/a"));
    assertEquals("deny", read(rules, "a"));
    assertEquals("deny", ground.readAll(rules, "a"));
  }

  @Test
  void pathsAreRegularExpressionsWithVariables() {
    RuleSet rules =
        records(
            "'*': { read: false }",
            "'(car|van)-[0-9]+/$part/$side': { read: \"$part === 'door' && $side === 'left'\" }");
    assertEquals("allow", read(rules, "car-12/door/left"));
    assertEquals("allow", read(rules, "van-1/door/left"));
    assertEquals("deny", read(rules, "van-1/door/right"));
    assertEquals("deny", read(rules, "bus-1/door/left"));
    assertEquals("deny", read(rules, "car-x/door/left"));
  }

  @Test
  void nobodySlipsPastAPathWithAnOddCharacter() {
    RuleSet rules = records("'*': { read: true }", "'secret/*': { read: false }");
    for (String name :
        List.of("secret/a\u2028b", "secret/\u2029", "secret/\ud83d\ude00", "secret/a/b")) {
      assertEquals("deny", read(rules, name), name);
    }
  }

  @Test
  void aWholeCollectionMayBeReadIfEachDocumentInItMay() {
    RuleSet rules =
        records(
            "'*': { read: true }",
            "'secret/*': { read: false }",
            "'people/*': { read: \"user.data.role === 'admin'\" }",
            "'user/$id': { read: \"$id === user.id\" }",
            "'mixed/*': { read: true }",
            "'mixed/hidden/*': { read: false }",
            "'data/*': { read: 'oldData.open' }",
            "'timed/*': { read: 'now > 10' }",
            "'(x|y)/*': { read: false }");
    for (String allowed : List.of("people", "free", "secrets")) {
      String expected = allowed.equals("free") || allowed.equals("secrets") ? "deny" : "allow";
      // "(x|y)/*" might be for any collection, so it counts for those without a path of their own.
      assertEquals(expected, ground.readAll(rules, allowed), allowed);
    }
    for (String denied : List.of("secret", "user", "mixed", "data", "timed", "x", "_")) {
      assertEquals("deny", ground.readAll(rules, denied), denied);
    }
    assertEquals("deny", ground.readAll(rules, null));
    ground.become("ann", "{\"role\":\"clerk\"}");
    assertEquals("deny", ground.readAll(rules, "people"));
  }

  @Test
  void otherCollectionsDoNotCount() {
    RuleSet rules =
        records(
            "'*': { read: true }", "'secret/*': { read: false }", "'user/$id': { read: false }");
    assertEquals("allow", ground.readAll(rules, "driver"));
    assertEquals("deny", ground.readAll(rules, "_"), "one may be named \"secret/\"");
    assertEquals("deny", ground.readAll(rules, "secret"));
    assertEquals("deny", ground.readAll(rules, null));
    RuleSet users = records("'*': { read: true }", "'user/$id': { read: false }");
    assertEquals("allow", ground.readAll(users, "_"), "names without a collection");
    RuleSet single = records("'*': { read: true }", "'_key': { read: false }");
    assertEquals("deny", ground.readAll(single, "_"));
    assertEquals("allow", ground.readAll(single, "driver"));
  }
}
