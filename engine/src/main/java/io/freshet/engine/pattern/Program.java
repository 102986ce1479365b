// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An expression as instructions for [Backtracking]. Each has an operation and two arguments.
///
/// Registers hold places in the name: two for each group (where its capture begins and ends, -1 for
/// none), then one for each repetition that must not match the empty text again.
final class Program {
  /// Operations; what the arguments mean.
  enum Operation {
    /// The next character is in the set of this number.
    FORWARD,
    /// The character before is.
    BACKWARD,
    /// Go on at `a`; if that fails, at `b`.
    SPLIT,
    JUMP,
    /// Put the place into register `a`.
    SAVE,
    /// Empty the registers from `a` to before `b`.
    CLEAR,
    /// Fail if the place is the one in register `a`.
    PROGRESS,
    START,
    END,
    WORD_EDGE,
    NOT_WORD_EDGE,
    /// What stands between here and `a` matches from here; go on at `a`. `b`: 1 if it must not.
    LOOK,
    /// The capture of group `a` stands next; `b`: 1 if it must stand before.
    REFERENCE,
    ACCEPT
  }

  private final List<Operation> operations = new ArrayList<>();
  private final List<CodePoints> sets = new ArrayList<>();
  private int[] first = new int[64];
  private int[] second = new int[64];
  private int registers;

  private Program(int groups) {
    this.registers = 2 * (groups + 1);
  }

  static Program of(Node node) {
    var program = new Program(groups(node));
    program.write(node, false);
    program.add(Operation.ACCEPT, 0, 0);
    return program;
  }

  private static int groups(Node node) {
    return switch (node) {
      case Node.One one -> 0;
      case Node.Place place -> 0;
      case Node.BackReference reference -> 0;
      case Node.Sequence(List<Node> parts) ->
          parts.stream().mapToInt(Program::groups).max().orElse(0);
      case Node.Choice(List<Node> options) ->
          options.stream().mapToInt(Program::groups).max().orElse(0);
      case Node.Group(int number, Node body) -> Math.max(number, groups(body));
      case Node.Look look -> groups(look.body());
      case Node.Repeat repeat -> groups(repeat.body());
    };
  }

  int registers() {
    return registers;
  }

  Operation operation(int at) {
    return operations.get(at);
  }

  int first(int at) {
    return first[at];
  }

  int second(int at) {
    return second[at];
  }

  CodePoints set(int at) {
    return sets.get(first[at]);
  }

  private int add(Operation operation, int a, int b) {
    int at = operations.size();
    operations.add(operation);
    if (at == first.length) {
      first = Arrays.copyOf(first, 2 * at);
      second = Arrays.copyOf(second, 2 * at);
    }
    first[at] = a;
    second[at] = b;
    return at;
  }

  /// @param backward inside a look behind, where everything is matched from its end
  private void write(Node node, boolean backward) {
    switch (node) {
      case Node.One(CodePoints set) -> {
        add(backward ? Operation.BACKWARD : Operation.FORWARD, sets.size(), 0);
        sets.add(set);
      }
      case Node.Place place -> add(operation(place), 0, 0);
      case Node.BackReference(int group) -> add(Operation.REFERENCE, group, backward ? 1 : 0);
      case Node.Sequence(List<Node> parts) ->
          (backward ? parts.reversed() : parts).forEach(part -> write(part, backward));
      case Node.Choice(List<Node> options) -> writeChoice(options, backward);
      case Node.Group(int number, Node body) -> {
        add(Operation.SAVE, 2 * number + (backward ? 1 : 0), 0);
        write(body, backward);
        add(Operation.SAVE, 2 * number + (backward ? 0 : 1), 0);
      }
      case Node.Look look -> {
        int at = add(Operation.LOOK, 0, look.negative() ? 1 : 0);
        write(look.body(), look.behind());
        add(Operation.ACCEPT, 0, 0);
        first[at] = operations.size();
      }
      case Node.Repeat repeat -> writeRepeat(repeat, backward);
    }
  }

  private static Operation operation(Node.Place place) {
    return switch (place) {
      case START -> Operation.START;
      case END -> Operation.END;
      case WORD_EDGE -> Operation.WORD_EDGE;
      case NOT_WORD_EDGE -> Operation.NOT_WORD_EDGE;
    };
  }

  private void writeChoice(List<Node> options, boolean backward) {
    var exits = new ArrayList<Integer>();
    for (Node option : options.subList(0, options.size() - 1)) {
      int split = add(Operation.SPLIT, operations.size() + 1, 0);
      write(option, backward);
      exits.add(add(Operation.JUMP, 0, 0));
      second[split] = operations.size();
    }
    write(options.getLast(), backward);
    exits.forEach(exit -> first[exit] = operations.size());
  }

  private void writeRepeat(Node.Repeat repeat, boolean backward) {
    for (int i = 0; i < repeat.min(); i++) {
      writeBody(repeat, backward);
    }
    var exits = new ArrayList<Integer>();
    for (int i = repeat.min(); i < repeat.copies(); i++) {
      int split = add(Operation.SPLIT, 0, 0);
      exits.add(split);
      int mark = registers++;
      add(Operation.SAVE, mark, 0);
      writeBody(repeat, backward);
      add(Operation.PROGRESS, mark, 0);
      if (repeat.max() < 0) {
        add(Operation.JUMP, split, 0);
      }
    }
    for (int split : exits) {
      first[split] = repeat.lazy() ? operations.size() : split + 1;
      second[split] = repeat.lazy() ? split + 1 : operations.size();
    }
  }

  private void writeBody(Node.Repeat repeat, boolean backward) {
    if (repeat.endGroup() > repeat.firstGroup()) {
      add(Operation.CLEAR, 2 * repeat.firstGroup(), 2 * repeat.endGroup());
    }
    write(repeat.body(), backward);
  }
}
