// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The arguments of `stream()` and `subscribe()` (seed 003 and Pulse reference, section 6).
class StreamFilterTest {
  private static StreamFilter read(String arguments) {
    return PrismaFilter.read(Rows.object(arguments), null);
  }

  private static boolean takes(String arguments, Change change) {
    return read(arguments).filter().matches(Row.of(change));
  }

  private static Change changeBy(Operation operation) {
    return switch (operation) {
      case CREATE, RESTORE, SNAPSHOT -> Rows.change(operation, (String) null, "{}");
      case DELETE, EXPIRE -> Rows.change(operation, "{}", null);
      case OPEN -> Rows.change(operation, (String) null, null);
      case REPLACE, MERGE, MUTATE -> Rows.change(operation, "{}", "{}");
    };
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void withoutFiltersEveryChangeIsMeant(Operation operation) {
    boolean shown = operation != Operation.OPEN;
    assertEquals(shown, takes("{}", changeBy(operation)));
    assertEquals(shown, takes("{'name':'all-user-events'}", changeBy(operation)));
    assertEquals(shown, takes("{'create':{},'update':{},'delete':{}}", changeBy(operation)));
    assertEquals(
        shown, takes("{'create':{},'update':{'after':{}},'delete':{}}", changeBy(operation)));
  }

  @ParameterizedTest
  @CsvSource({
    "create, CREATE RESTORE SNAPSHOT",
    "update, REPLACE MERGE MUTATE",
    "delete, DELETE EXPIRE",
  })
  void onlyTheActionsNamed(String argument, String operations) {
    for (Operation operation : Operation.values()) {
      assertEquals(
          Set.of(operations.split(" ")).contains(operation.name()),
          takes("{'" + argument + "':{}}", changeBy(operation)),
          argument + " on " + operation);
    }
  }

  @Test
  void newUsersWithAName() {
    String arguments = "{'create':{'name':{'not':null}}}";
    assertEquals(true, takes(arguments, Rows.change(Operation.CREATE, null, "{'name':'Ada'}")));
    assertEquals(false, takes(arguments, Rows.change(Operation.CREATE, null, "{'name':null}")));
    assertEquals(false, takes(arguments, Rows.change(Operation.CREATE, (String) null, "{}")));
    assertEquals(
        false, takes(arguments, Rows.change(Operation.MERGE, "{'name':'A'}", "{'name':'B'}")));
  }

  @Test
  void usersWhoseMailEndsSoAfterTheUpdate() {
    String arguments = "{'update':{'after':{'email':{'endsWith':'@prisma.io'}}}}";
    String prisma = "{'email':'jane@prisma.io'}";
    String other = "{'email':'jane@example.org'}";
    assertEquals(true, takes(arguments, Rows.change(Operation.MERGE, other, prisma)));
    // Leaving the filter is no event.
    assertEquals(false, takes(arguments, Rows.change(Operation.MERGE, prisma, other)));
    assertEquals(false, takes(arguments, Rows.change(Operation.CREATE, null, prisma)));
    assertEquals(false, takes(arguments, Rows.change(Operation.DELETE, prisma, null)));
  }

  @Test
  void deletedUsersByTheOldRow() {
    String arguments = "{'delete':{'email':{'contains':'hello'}}}";
    assertEquals(
        true, takes(arguments, Rows.change(Operation.DELETE, "{'email':'hello@prisma.io'}", null)));
    assertEquals(
        true, takes(arguments, Rows.change(Operation.EXPIRE, "{'email':'hello@prisma.io'}", null)));
    assertEquals(
        false, takes(arguments, Rows.change(Operation.DELETE, "{'email':'bye@prisma.io'}", null)));
  }

  @Test
  void updatesByTheRowBefore() {
    String arguments = "{'update':{'before':{'s':'open'},'after':{'s':{'not':'open'}}}}";
    assertEquals(true, takes(arguments, Rows.change(Operation.MERGE, "{'s':'open'}", "{'s':'x'}")));
    assertEquals(false, takes(arguments, Rows.change(Operation.MERGE, "{'s':'x'}", "{'s':'y'}")));
    assertEquals(
        false, takes(arguments, Rows.change(Operation.MERGE, "{'s':'open'}", "{'s':'open'}")));
  }

  @Test
  void aRowBeforeThatIsNotKnownIsUnknown() {
    Filter filter = read("{'update':{'before':{'s':null}}}").filter();
    Row without = new Row("d1", Operation.MERGE, Rows.json("{}"), null, false);
    assertEquals(Ternary.UNKNOWN, filter.test(without));
    Filter opposite = read("{'update':{'before':{'s':{'isEmpty':false}}}}").filter();
    assertEquals(Ternary.UNKNOWN, opposite.test(without));
  }

  @Test
  void knowsItsActions() {
    assertEquals(EnumSet.allOf(Action.class), read("{}").actions());
    StreamFilter two = read("{'create':{'a':1},'delete':{}}");
    assertEquals(Set.of(Action.CREATE, Action.DELETE), two.actions());
    assertEquals(PrismaFilter.where(Rows.object("{'a':1}"), null), two.create());
    assertNull(two.of(Action.UPDATE));
    assertEquals(Filter.ALL, two.of(Action.DELETE));
  }

  @Test
  void knowsWhetherItLooksBack() {
    assertEquals(true, read("{'update':{'before':{'a':1}}}").filter().looksBack());
    assertEquals(false, read("{'update':{'after':{'a':1},'before':{}}}").filter().looksBack());
    assertEquals(
        Set.of("a", "b"), read("{'update':{'after':{'a':1},'before':{'b':1}}}").filter().members());
  }

  @Test
  void streamsThatAskTheSameShareAFilter() {
    assertEquals(
        read("{'create':{'a':1,'b':2},'delete':{}}").filter(),
        read("{'delete':{},'create':{'AND':[{'b':2},{'a':1}]},'name':'x'}").filter());
    assertEquals(read("{}").filter(), read("{'create':{},'update':{},'delete':{}}").filter());
    assertEquals(
        read("{'create':{'a':1},'update':{'after':{'a':1}},'delete':{'a':1}}").filter(),
        read("{}").filter().and(PrismaFilter.where(Rows.object("{'a':1}"), null)));
  }
}
