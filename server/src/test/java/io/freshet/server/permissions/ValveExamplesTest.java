// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.json.Json;
import org.junit.jupiter.api.Test;

/// What deepstream's documentation shows rules for: owners, values that rise, variables of the
/// path, other records, roles, the shape of data.
final class ValveExamplesTest {
  private static final String FILE =
      """
      record:
        "*": { create: true, delete: true, write: true, read: true, listen: true, notify: false }
        "profile/$user": { create: "user.id === $user", write: "user.id === $user" }
        "counter": { write: "data.value > oldData.value" }
        "person/$first/$last":
          delete: "$first.toLowerCase() === 'ann' && $last.toLowerCase() === 'lee'"
        "order/$id": { write: "_('item/' + data.item).stock > 0" }
      event:
        "*": { listen: true, publish: true, subscribe: true }
        "down/*": { publish: "user.data.role === 'boss'", subscribe: "user.data.role === 'clerk'" }
        "number": { publish: "typeof data === 'number' && data > 10" }
        "place/$city": { publish: "$city.toLowerCase() === data.address.city.toLowerCase()" }
      rpc:
        "*": { provide: true, request: true }
        "job": { provide: "user.data.role === 'clerk'", request: "user.data.role === 'boss'" }
        "sign-up": { request: "typeof data.first === 'string' && typeof data.last === 'string'" }
      presence:
        "*": { allow: true }
        "boss": { allow: "user.data.role === 'boss'" }
      """;

  private final Ground ground = new Ground();
  private final RuleSet rules = RuleFile.read("permissions.yml", FILE);

  private String write(String name, String before, String after) {
    return ground.write(rules, name, before, after);
  }

  private String publish(String name, String data) {
    return ground.publish(rules, name, Json.parse(data));
  }

  private String ask(GuardAction action, String name) {
    return ground.ask(rules, action, new Subject.OfName(name, null));
  }

  @Test
  void records() {
    assertEquals("allow", write("profile/john", "{}", "{}"));
    assertEquals("deny", write("profile/jane", "{}", "{}"));
    assertEquals("allow", ground.read(rules, "profile/jane"));
    assertEquals("allow", write("counter", "{\"value\":1}", "{\"value\":2}"));
    assertEquals("deny", write("counter", "{\"value\":2}", "{\"value\":1}"));
    ground.has("person/Ann/Lee", "{}");
    assertEquals("allow", ground.delete(rules, "person/Ann/Lee"));
    assertEquals("deny", ground.delete(rules, "person/Ann/Bee"));
    ground.has("item/a", "{\"stock\":1}");
    ground.has("item/b", "{\"stock\":0}");
    assertEquals("allow", write("order/1", "{}", "{\"item\":\"a\"}"));
    assertEquals("deny", write("order/1", "{}", "{\"item\":\"b\"}"));
    assertEquals("fail", write("order/1", "{}", "{\"item\":\"c\"}"), "there is no such item");
    assertEquals("deny", ask(GuardAction.NOTIFY, "anything"));
  }

  @Test
  void events() {
    ground.become("ann", "{\"role\":\"boss\"}");
    assertEquals("allow", publish("down/a", "1"));
    assertEquals("deny", ask(GuardAction.EVENT_SUBSCRIBE, "down/a"));
    ground.become("bob", "{\"role\":\"clerk\"}");
    assertEquals("deny", publish("down/a", "1"));
    assertEquals("allow", ask(GuardAction.EVENT_SUBSCRIBE, "down/a"));
    assertEquals("allow", publish("number", "12"));
    assertEquals("deny", publish("number", "\"12\""));
    assertEquals("deny", publish("number", "8"));
    assertEquals("allow", publish("place/berlin", "{\"address\":{\"city\":\"Berlin\"}}"));
    assertEquals("deny", publish("place/berlin", "{\"address\":{\"city\":\"Bonn\"}}"));
    assertEquals("fail", publish("place/berlin", "{}"));
  }

  @Test
  void callsAndPresence() {
    ground.become("ann", "{\"role\":\"boss\"}");
    assertEquals("deny", ask(GuardAction.RPC_PROVIDE, "job"));
    assertEquals("allow", ask(GuardAction.RPC_REQUEST, "job"));
    assertEquals("allow", ground.presence(rules, "boss"));
    ground.become("bob", "{\"role\":\"clerk\"}");
    assertEquals("allow", ask(GuardAction.RPC_PROVIDE, "job"));
    assertEquals("deny", ask(GuardAction.RPC_REQUEST, "job"));
    assertEquals("deny", ground.presence(rules, "boss"));
    assertEquals("allow", ground.presence(rules, null));
    var complete = Json.parse("{\"first\":\"A\",\"last\":\"B\"}");
    assertEquals("allow", ground.request(rules, "sign-up", complete));
    assertEquals("deny", ground.request(rules, "sign-up", Json.parse("{\"first\":\"A\"}")));
    assertEquals("fail", ground.request(rules, "sign-up", null));
  }
}
