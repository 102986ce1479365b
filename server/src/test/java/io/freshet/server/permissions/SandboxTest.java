// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.UnusableFileException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Ways out of a rule, and ways to make it take for ever.
final class SandboxTest {
  /// Refused when the file is read.
  private static final List<String> REFUSED =
      List.of(
          // Statements, functions, assignments.
          "while (true) {}",
          "for (;;) {}",
          "true; true",
          "true) || (false",
          "(function () { return true })()",
          "(() => true)()",
          "x => x",
          "function f() {}",
          "class A {}",
          "data = 1",
          "data.a = 1",
          "data.a += 1",
          "data.a++",
          "--data.a",
          "delete data.a",
          "true, false",
          "[...data]",
          "user.id.startsWith(...data)",
          "{ a: 1 }.a",
          "({ get a() { return 1 } }).a",
          "({ a: 1 }).a === 1",
          "({ __proto__: null })",
          "new Date()",
          "new data.constructor()",
          "data instanceof data",
          "yield data",
          "await data",
          "async () => 1",
          "throw data",
          "debugger",
          "import('fs')",
          "`${() => 1}`",
          "name.match`x`",
          "10n",
          // Names that are none.
          "this",
          "this.user",
          "globalThis",
          "window",
          "process.exit(1)",
          "require('fs')",
          "java.lang.System",
          "Packages.java.lang.Runtime",
          "JavaAdapter",
          "String",
          "Object",
          "Math.max(1, 2)",
          "JSON.stringify(data)",
          "Date.now()",
          "eval('1')",
          "Function('return 1')()",
          "arguments",
          "oldDat",
          "$none",
          "$$add(1, 2)",
          "$$regex(0)",
          "_",
          "_.call",
          "_.constructor('return 1')()",
          "typeof undeclared",
          // Calls that are not among those allowed.
          "data()",
          "user.id.constructor('return 1')()",
          "user.id.constructor.constructor('return this')()",
          "user['id']['constructor']('x')",
          "name['match']('x')",
          "(name.match)('x')",
          "name.replace('a', 'b')",
          "name.repeat(1000000)",
          "name.split('').join('x')",
          "name.toString()",
          "name.valueOf()",
          "name.match.call(name, 'x')",
          "name.startsWith.apply(name, ['x'])",
          "data.hasOwnProperty('a')",
          "data.__defineGetter__('a', name.match)",
          "[1].map(name.trim)",
          "(true ? name.trim : name.match)()",
          "_('a')('b')",
          // Regular expressions.
          "name.match(/(a)\\1/)",
          "name.match(/(?=a)/)",
          "name.match(/(?<!a)b/)",
          "name.match(/a/y)",
          "name.match(/[/)",
          "name.match(/(a{900}){900}/)",
          "",
          "   ",
          "\"",
          "// only a remark",
          "(".repeat(3000),
          "(".repeat(1500) + "1" + ")".repeat(1500),
          "!".repeat(3000) + "1",
          "1" + " + 1".repeat(2000));

  /// Comes through, and finds nothing.
  private static final List<String> EMPTY_HANDED =
      List.of(
          "user.id.constructor",
          "user.constructor",
          "user.__proto__",
          "user.__parent__",
          "user.prototype",
          "data.constructor",
          "data.toString",
          "data.hasOwnProperty",
          "data['__proto__']",
          "data['const' + 'ructor']",
          "'x'['constructor']",
          "'x'['__proto__']",
          "'x'['const' + 'ructor']",
          "(1)['constructor']",
          "true.constructor",
          "(1).toFixed",
          "[].constructor",
          "[].__proto__",
          "[]['concat']",
          "data.list.push",
          "data.list.constructor",
          "name.match.constructor",
          "name.match['call']",
          "name.match.__proto__",
          "name.match(/user/).constructor",
          "/x/.constructor",
          "/x/.exec",
          "/x/.source",
          "user.data.constructor",
          "_('other/record').constructor",
          "user.class",
          "user.getClass",
          "data.getClass",
          "name.getClass",
          "name.bytes");

  private final Ground ground = new Ground();

  @Test
  void whatIsNoPlainExpressionIsRefusedWhenTheFileIsRead() {
    assertTrue(REFUSED.size() > 80);
    for (String rule : REFUSED) {
      var failure =
          assertThrows(
              UnusableFileException.class,
              () -> Ground.rules("record", "user/$id", "write", rule),
              rule);
      String message = String.valueOf(failure.getMessage());
      assertTrue(message.contains("line 1: record \"user/$id\" write: the rule "), message);
    }
  }

  @Test
  void thereIsNothingBehindTheValues() {
    ground.has("other/record", "{}");
    for (String escape : EMPTY_HANDED) {
      RuleSet rules = Ground.rules("record", "user/$id", "write", "(" + escape + ") === undefined");
      assertEquals("allow", ground.write(rules, "user/john", null, "{\"list\":[1]}"), escape);
    }
  }

  @Test
  void aTextThatGrowsTooLongFails() {
    String sum = "data.t + ".repeat(50) + "''";
    assertFails(sum, "x".repeat(50_000));
    assertFails("`" + "${data.t}".repeat(99) + "`", "x".repeat(50_000));
    assertFails("[data.t].includes(" + "data.t + ".repeat(200) + "'')", "x".repeat(50_000));
    assertFails(
        "data.t.toUpperCase() === " + "data.t.trim() + ".repeat(99) + "''", "x".repeat(50_000));
  }

  @Test
  void aPatternTakesLinearTimeOrFails() {
    String text = "a".repeat(5000) + "!";
    assertEquals("deny", ask("data.t.match(/^(a+)+$/)", text));
    assertEquals("deny", ask("data.t.match(/^(a|a)*$/)", text));
    assertEquals("deny", ask("data.t.match(/^(.*a){10}$/)", text));
    assertFails("data.t.match(/^(a+)+$/)", "a".repeat(900_000) + "!");
    assertFails("data.t.match(data.t)", "(".repeat(10));
    assertFails("data.t.match(data.t)", "(a{99}){99}");
    assertFails("data.t.match(data.t)", "a".repeat(513));
    assertFails("data.t.match(data.t)", "(?=a)");
  }

  @Test
  void searchesAreCounted() {
    String text = "a".repeat(400_000);
    String search = "data.t.indexOf('" + "a".repeat(100) + "b') === -1 && ";
    assertFails(search.repeat(10) + "1", text);
    assertFails("data.t.includes('b') || ".repeat(90) + "1", text);
  }

  @Test
  void aTextOfListsInListsFails() {
    RuleSet rules = Ground.rules("record", "user/$id", "write", "data.a == 'x'");
    String deep = "[".repeat(40) + "]".repeat(40);
    assertEquals("fail", ground.write(rules, "user/john", null, "{\"a\":" + deep + "}"));
  }

  private void assertFails(String rule, String text) {
    assertEquals("fail", ask(rule, text), rule.substring(0, Math.min(60, rule.length())));
  }

  private String ask(String rule, String text) {
    RuleSet rules = Ground.rules("record", "user/$id", "write", rule);
    String data = JsonObject.of("t", JsonString.of(text)).toString();
    return ground.write(rules, "user/john", null, data);
  }
}
