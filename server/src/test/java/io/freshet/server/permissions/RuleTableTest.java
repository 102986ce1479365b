// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Rules, cases and what is expected of them, as a table. The asker is `john`, with
/// `{"role":"admin","age":30,"groups":["staff","ops"],"email":"john@example.org"}`; it is 1000 ms
/// past 1970; the name is `user/john`, of the path `user/$id`.
final class RuleTableTest {
  private static final String ALLOW = "allow";
  private static final String DENY = "deny";
  private static final String FAIL = "fail";

  private static final String OWNED =
      "data.owner === user.id && (!oldData?.owner || oldData.owner === user.id)";
  private static final String CONTACT =
      "typeof data.name === 'string' && data.name.length < 100"
          + " && data.mail.match(/^[^@]+@[^@]+$/)";

  /// Rule, data after, data before (`-` for none), expectation.
  private static final List<List<String>> WRITES =
      List.of(
          // Who asks.
          List.of("user.id === 'john'", "{}", "-", ALLOW),
          List.of("user.id === 'jane'", "{}", "-", DENY),
          List.of("user.id === $id", "{}", "-", ALLOW),
          List.of("user.isAuthenticated", "{}", "-", ALLOW),
          List.of("!user.isAuthenticated", "{}", "-", DENY),
          List.of("user.data.role === 'admin'", "{}", "-", ALLOW),
          List.of("user.data.role == 'admin' && user.data.age >= 18", "{}", "-", ALLOW),
          List.of("user.data.missing === undefined", "{}", "-", ALLOW),
          List.of("user.data.missing", "{}", "-", DENY),
          List.of("user.data.missing.more", "{}", "-", FAIL),
          List.of("user.data?.missing?.more", "{}", "-", DENY),
          List.of("user.data.missing?.more.still.more", "{}", "-", DENY),
          List.of("user.data.groups.includes('ops')", "{}", "-", ALLOW),
          List.of("user.data.groups.indexOf('ops') !== -1", "{}", "-", ALLOW),
          List.of("user.data.groups.indexOf('none') === -1", "{}", "-", ALLOW),
          List.of("user.data.groups[0] === 'staff'", "{}", "-", ALLOW),
          List.of("user.data.groups.length === 2", "{}", "-", ALLOW),
          List.of("user.data.groups[7] === undefined", "{}", "-", ALLOW),
          List.of("['admin', 'boss'].includes(user.data.role)", "{}", "-", ALLOW),
          List.of("['boss'].indexOf(user.data.role) >= 0", "{}", "-", DENY),
          // What is written.
          List.of("data.value > 10", "{\"value\":12}", "-", ALLOW),
          List.of("data.value > 10", "{\"value\":9}", "-", DENY),
          List.of("data.value > 10", "{\"value\":\"12\"}", "-", ALLOW),
          List.of("data.value > 10", "{\"value\":\"x\"}", "-", DENY),
          List.of("data.value > 10", "{}", "-", DENY),
          List.of("data.value > 10", "{\"value\":null}", "-", DENY),
          List.of("data.value === 10.5", "{\"value\":10.5}", "-", ALLOW),
          List.of("data.value === 1e3", "{\"value\":1000}", "-", ALLOW),
          List.of("data.firstname.length > 2", "{\"firstname\":\"Wolfram\"}", "-", ALLOW),
          List.of("data.firstname.length > 2", "{\"firstname\":\"W\"}", "-", DENY),
          List.of("typeof data.age === 'number'", "{\"age\":1}", "-", ALLOW),
          List.of("typeof data.age === 'number'", "{\"age\":\"1\"}", "-", DENY),
          List.of("typeof data.tags === 'object'", "{\"tags\":[]}", "-", ALLOW),
          List.of("typeof data.none === 'undefined'", "{}", "-", ALLOW),
          List.of("'age' in data", "{\"age\":null}", "-", ALLOW),
          List.of("'age' in data", "{}", "-", DENY),
          List.of("data.a.b.c === true", "{\"a\":{\"b\":{\"c\":true}}}", "-", ALLOW),
          List.of("data['a b'] === 1", "{\"a b\":1}", "-", ALLOW),
          List.of("data[user.id] === 1", "{\"john\":1}", "-", ALLOW),
          List.of("data.a === data.a", "{\"a\":{}}", "-", ALLOW),
          List.of("data.list[1].x === 2", "{\"list\":[1,{\"x\":2}]}", "-", ALLOW),
          List.of("data.list == '1,2'", "{\"list\":[1,2]}", "-", ALLOW),
          List.of("data == '[object Object]'", "{}", "-", ALLOW),
          List.of("data.length === 2", "[1,2]", "-", ALLOW),
          List.of("data.includes('b')", "[\"a\",\"b\"]", "-", ALLOW),
          // What was there.
          List.of("oldData === null", "{}", "-", ALLOW),
          List.of("oldData === null", "{}", "{}", DENY),
          List.of("!oldData.value || data.value > oldData.value", "{}", "-", FAIL),
          List.of("data.value > oldData.value", "{\"value\":2}", "{\"value\":1}", ALLOW),
          List.of("data.value > oldData.value", "{\"value\":1}", "{\"value\":1}", DENY),
          List.of("oldData && oldData.owner === user.id", "{}", "{\"owner\":\"john\"}", ALLOW),
          List.of("oldData && oldData.owner === user.id", "{}", "-", DENY),
          List.of("data.a === oldData.a", "{\"a\":{}}", "{\"a\":{}}", DENY),
          // Text.
          List.of("name.startsWith('user/')", "{}", "-", ALLOW),
          List.of("name.startsWith('john', 5)", "{}", "-", ALLOW),
          List.of("name.endsWith('john')", "{}", "-", ALLOW),
          List.of("name.endsWith('user', 4)", "{}", "-", ALLOW),
          List.of("name.includes('r/j')", "{}", "-", ALLOW),
          List.of("name.indexOf('/') === 4", "{}", "-", ALLOW),
          List.of("name.indexOf('u', 1) === -1", "{}", "-", ALLOW),
          List.of("user.data.email.match(/@example\\.org$/)", "{}", "-", ALLOW),
          List.of("user.data.email.match(/@example\\.com$/)", "{}", "-", DENY),
          List.of("name.match(/^user\\/(.*)$/)[1] === user.id", "{}", "-", ALLOW),
          List.of("name.match(/(?<who>jo)(x)?/)[2] === undefined", "{}", "-", ALLOW),
          List.of("name.match('^user')", "{}", "-", ALLOW),
          List.of("name.match(/JOHN/i)", "{}", "-", ALLOW),
          List.of("'a1b22'.match(/[0-9]+/g).length === 2", "{}", "-", ALLOW),
          List.of("'\\u00e9'.match(/\\u00e9/)", "{}", "-", ALLOW),
          List.of("user.id.toUpperCase() === 'JOHN'", "{}", "-", ALLOW),
          List.of("'JOHN'.toLowerCase() === user.id", "{}", "-", ALLOW),
          List.of("' john\\u00a0'.trim() === user.id", "{}", "-", ALLOW),
          List.of("user.id[0] === 'j'", "{}", "-", ALLOW),
          List.of("'user/' + user.id === name", "{}", "-", ALLOW),
          List.of("`user/${user.id}` === name", "{}", "-", ALLOW),
          List.of("1 + 2 + 'x' === '3x'", "{}", "-", ALLOW),
          List.of("data.n + 1 === 3", "{\"n\":2}", "-", ALLOW),
          List.of("data.n + 1 === '21'", "{\"n\":\"2\"}", "-", ALLOW),
          List.of("data.n.startsWith('1')", "{\"n\":1}", "-", FAIL),
          List.of("data.n.startsWith('1')", "{}", "-", FAIL),
          // What counts as true.
          List.of("true", "{}", "-", ALLOW),
          List.of("false", "{}", "-", DENY),
          List.of("null", "{}", "-", DENY),
          List.of("undefined", "{}", "-", DENY),
          List.of("0", "{}", "-", DENY),
          List.of("NaN", "{}", "-", DENY),
          List.of("''", "{}", "-", DENY),
          List.of("data.flag", "{}", "-", DENY),
          List.of("'false'", "{}", "-", ALLOW),
          List.of("[]", "{}", "-", ALLOW),
          List.of("data", "{}", "-", ALLOW),
          List.of("-1", "{}", "-", ALLOW),
          // Recipes of the guide.
          List.of(OWNED, "{\"owner\":\"john\"}", "-", ALLOW),
          List.of(OWNED, "{\"owner\":\"john\"}", "{}", ALLOW),
          List.of(OWNED, "{\"owner\":\"john\"}", "{\"owner\":\"jane\"}", DENY),
          List.of(OWNED, "{\"owner\":\"jane\"}", "-", DENY),
          List.of("data.value > (oldData?.value ?? 0)", "{\"value\":1}", "-", ALLOW),
          List.of("data.value > (oldData?.value ?? 0)", "{\"value\":1}", "{\"value\":1}", DENY),
          List.of("_('members/' + $id)?.[user.id] === true", "{}", "-", DENY),
          List.of(CONTACT, "{\"name\":\"Jo\",\"mail\":\"jo@example.org\"}", "-", ALLOW),
          List.of(CONTACT, "{\"name\":\"Jo\",\"mail\":\"jo\"}", "-", DENY),
          List.of(CONTACT, "{\"name\":7,\"mail\":\"jo@example.org\"}", "-", DENY),
          // The rest.
          List.of("now === 1000", "{}", "-", ALLOW),
          List.of("data.until > now", "{\"until\":1001}", "-", ALLOW),
          List.of("action === 18", "{}", "-", ALLOW),
          List.of("name === 'user/john' && $id === 'john'", "{}", "-", ALLOW),
          List.of("user.data.age > 18 ? $id === user.id : false", "{}", "-", ALLOW),
          List.of("(1 + 2) * 3 - 4 / 2 === 7 && 7 % 4 === 3", "{}", "-", ALLOW),
          List.of("-data.n === 2 && +data.t === 3", "{\"n\":-2,\"t\":\"3\"}", "-", ALLOW),
          List.of("data.none ?? user.id === 'john'", "{}", "-", ALLOW),
          List.of("(data.x | 4) === 5 && ~~2.5 === 2", "{\"x\":1}", "-", ALLOW),
          List.of("true // a remark", "{}", "-", ALLOW));

  private final Ground ground = new Ground();

  @TestFactory
  Stream<DynamicTest> writes() {
    assertTrue(WRITES.size() >= 80, "rows: " + WRITES.size());
    return WRITES.stream()
        .map(row ->
            DynamicTest.dynamicTest(
                String.join(" | ", row),
                () -> assertEquals(row.get(3), written(row.get(0), row.get(1), row.get(2)))));
  }

  private String written(String rule, String after, String before) {
    RuleSet rules = Ground.rules("record", "user/$id", "write", rule);
    return ground.write(rules, "user/john", before.equals("-") ? null : before, after);
  }

  @Test
  void asksForWhatARuleRefersToAndThenDecides() {
    RuleSet rules =
        Ground.rules(
            "record", "user/$id", "write", "_('group/' + _('user/' + $id).group).open === true");
    ground.has("user/john", "{\"group\":\"g1\"}");
    ground.has("group/g1", "{\"open\":true}");
    assertEquals(ALLOW, ground.write(rules, "user/john", "{}", "{}"));
    assertEquals(2, ground.rounds());
    ground.has("group/g1", "{\"open\":false}");
    assertEquals(DENY, ground.write(rules, "user/john", "{}", "{}"));
  }

  @Test
  void aReferenceToNothingIsNull() {
    RuleSet rules =
        Ground.rules("record", "user/$id", "write", "_('ban/' + $id) === null && data.ok");
    assertEquals(ALLOW, ground.write(rules, "user/john", null, "{\"ok\":1}"));
    ground.has("ban/john", "{}");
    assertEquals(DENY, ground.write(rules, "user/john", null, "{\"ok\":1}"));
  }

  @Test
  void aReferenceToUndefinedIsUndefinedAndLoadsNothing() {
    for (String reference : List.of("_(undefined)", "_('a/' + data.none)", "_()", "_(7)")) {
      RuleSet rules = Ground.rules("record", "user/$id", "write", reference + " === undefined");
      assertEquals(ALLOW, ground.write(rules, "user/john", null, "{}"), reference);
      assertEquals(0, ground.rounds(), reference);
    }
  }

  @Test
  void asksForEverythingItKnowsAtOnce() {
    RuleSet rules =
        Ground.rules("record", "user/$id", "write", "[_('a/1'), _('a/2'), _('a/3')].length === 3");
    assertEquals(ALLOW, ground.write(rules, "user/john", null, "{}"));
    assertEquals(1, ground.rounds());
  }

  @Test
  void rulesThatAskTooOftenAreGivenUp() {
    var rule = new StringBuilder("'1'");
    for (int i = 0; i < 5; i++) {
      rule.insert(0, "_('chain/' + ").append(").next");
    }
    RuleSet rules = Ground.rules("record", "user/$id", "write", rule.toString());
    for (int i = 1; i < 7; i++) {
      ground.has("chain/" + i, "{\"next\":\"" + (i + 1) + "\"}");
    }
    assertEquals("too many rounds", ground.write(rules, "user/john", null, "{}"));
  }

  @Test
  void readsAndDeletesSeeWhatIsThere() {
    RuleSet reads = Ground.rules("record", "user/$id", "read", "oldData.owner === user.id");
    ground.has("user/john", "{\"owner\":\"john\"}");
    assertEquals(ALLOW, ground.read(reads, "user/john"));
    assertEquals(DENY, ground.read(reads, "other"), "the rule for everything else says false");
    assertEquals(FAIL, ground.read(reads, "user/none"));
    RuleSet deletes =
        Ground.rules("record", "user/$id", "delete", "data === null && oldData.owner === user.id");
    assertEquals(ALLOW, ground.delete(deletes, "user/john"));
  }

  @Test
  void eventsAndCallsSeeWhatTheyCarry() {
    RuleSet events = Ground.rules("event", "news/$topic", "publish", "data.length < 10 && $topic");
    assertEquals(ALLOW, ground.publish(events, "news/x", Json.parse("\"short\"")));
    assertEquals(DENY, ground.publish(events, "news/x", JsonString.of("long".repeat(9))));
    assertEquals(FAIL, ground.publish(events, "news/x", null));
    assertEquals(DENY, ground.publish(events, "news/", Json.parse("\"short\"")));
    RuleSet calls = Ground.rules("rpc", "add", "request", "data.a === 1");
    assertEquals(ALLOW, ground.request(calls, "add", Json.parse("{\"a\":1}")));
  }

  @Test
  void presenceOfEverybodyIsAskedForUnderNoName() {
    RuleSet rules = Ground.rules("presence", "*", "allow", "name === undefined");
    assertEquals(ALLOW, ground.presence(rules, null));
    assertEquals(DENY, ground.presence(rules, "jane"));
    RuleSet own = Ground.rules("presence", "$user", "allow", "user.id === $user");
    assertEquals(DENY, ground.presence(own, null), "as the original: the name is undefined");
    assertEquals(ALLOW, ground.presence(own, "john"));
  }

  @Test
  void anAnswerIsKeptForTheSameUserAndNameOnly() {
    RuleSet rules = Ground.rules("record", "user/$id", "write", "user.id === $id");
    var asked = new ArrayList<String>();
    for (String id : List.of("john", "jane", "john")) {
      asked.add(ground.write(rules, "user/" + id, null, "{}"));
    }
    ground.become("jane", "{}");
    asked.add(ground.write(rules, "user/jane", null, "{}"));
    asked.add(ground.write(rules, "user/john", null, "{}"));
    assertEquals(List.of(ALLOW, DENY, ALLOW, ALLOW, DENY), asked);
  }
}
