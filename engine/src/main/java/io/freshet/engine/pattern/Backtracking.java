// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import io.freshet.engine.pattern.NamePattern.Trial;
import io.freshet.engine.pattern.NamePattern.Verdict;
import java.util.Arrays;

/// Matching with look-around and back references, which no linear method can do. Tries one way
/// after the other and counts every instruction; over the bound it gives up.
///
/// (The JDK's matcher on a character sequence that counts its accesses would not do: `(|)` thirty
/// times, then `$z`, lets it try 2^30 ways without looking at a single character.)
final class Backtracking implements NamePattern.Matcher {
  /// Most instructions for one name, all places to begin at together: about a millisecond.
  static final int STEPS_MAX = 100_000;

  private final Program program;

  private Backtracking(Program program) {
    this.program = program;
  }

  static Backtracking of(Node node) {
    return new Backtracking(Program.of(node));
  }

  @Override
  public Trial match(String name) {
    var run = new Run(program, name);
    try {
      return Trial.of(run.findsAnywhere(), run.steps);
    } catch (StepsUsedUp e) {
      return new Trial(Verdict.GIVEN_UP, STEPS_MAX);
    }
  }

  private static final class StepsUsedUp extends RuntimeException {
    private static final long serialVersionUID = 1;

    StepsUsedUp() {
      super(null, null, false, false);
    }
  }

  /// One trial.
  private static final class Run {
    private static final int FAIL = -1;
    private static final int DONE = -2;

    private final Program program;
    private final String name;
    private final int[] registers;

    /// What to do when a way fails, newest last, in pairs: an instruction and a place to go on at,
    /// or the complement of a register and what to put back into it.
    private int[] trail = new int[64];

    private int trailEnd;
    private int place;
    private int steps;

    Run(Program program, String name) {
      this.program = program;
      this.name = name;
      this.registers = new int[program.registers()];
      Arrays.fill(registers, -1);
    }

    boolean findsAnywhere() {
      for (int start = 0; start < name.length(); start = name.offsetByCodePoints(start, 1)) {
        if (matches(0, start)) {
          return true;
        }
      }
      return matches(0, name.length());
    }

    /// Whether the instructions from `first` reach their end. If they do, the trail keeps what it
    /// takes to undo the captures, but no other way to try; if not, everything is as before.
    private boolean matches(int first, int start) {
      int base = trailEnd;
      int at = first;
      place = start;
      while (at != DONE) {
        count(1);
        at = step(at);
        if (at == FAIL) {
          at = nextWay(base);
          if (at == FAIL) {
            return false;
          }
        }
      }
      forgetWays(base);
      return true;
    }

    private void count(int more) {
      steps += more;
      if (steps > STEPS_MAX) {
        throw new StepsUsedUp();
      }
    }

    /// Does one instruction and returns the next.
    private int step(int at) {
      return switch (program.operation(at)) {
        case FORWARD -> takeNext(program.set(at)) ? at + 1 : FAIL;
        case BACKWARD -> takePrevious(program.set(at)) ? at + 1 : FAIL;
        case SPLIT -> {
          push(program.second(at), place);
          yield program.first(at);
        }
        case JUMP -> program.first(at);
        case SAVE -> {
          put(program.first(at), place);
          yield at + 1;
        }
        case CLEAR -> {
          clear(program.first(at), program.second(at));
          yield at + 1;
        }
        case PROGRESS -> registers[program.first(at)] == place ? FAIL : at + 1;
        case START -> place == 0 ? at + 1 : FAIL;
        case END -> place == name.length() ? at + 1 : FAIL;
        case WORD_EDGE -> isWordEdge() ? at + 1 : FAIL;
        case NOT_WORD_EDGE -> isWordEdge() ? FAIL : at + 1;
        case LOOK -> looks(at) ? program.first(at) : FAIL;
        case REFERENCE -> takeCapture(program.first(at), program.second(at) == 1) ? at + 1 : FAIL;
        case ACCEPT -> DONE;
      };
    }

    private boolean takeNext(CodePoints set) {
      if (place == name.length()) {
        return false;
      }
      int codePoint = name.codePointAt(place);
      place += Character.charCount(codePoint);
      return set.contains(codePoint);
    }

    private boolean takePrevious(CodePoints set) {
      if (place == 0) {
        return false;
      }
      int codePoint = name.codePointBefore(place);
      place -= Character.charCount(codePoint);
      return set.contains(codePoint);
    }

    private void clear(int from, int to) {
      count(to - from);
      for (int register = from; register < to; register++) {
        put(register, -1);
      }
    }

    private boolean isWordEdge() {
      boolean before = place > 0 && CodePoints.WORD.contains(name.charAt(place - 1));
      boolean after = place < name.length() && CodePoints.WORD.contains(name.charAt(place));
      return before != after;
    }

    private boolean looks(int at) {
      boolean negative = program.second(at) == 1;
      int here = place;
      int base = trailEnd;
      boolean found = matches(at + 1, here);
      place = here;
      if (found && negative) {
        undo(base);
      }
      return found != negative;
    }

    /// A group that captured nothing yet matches the empty text.
    private boolean takeCapture(int group, boolean backward) {
      int from = registers[2 * group];
      int to = registers[2 * group + 1];
      if (from < 0 || to < 0) {
        return true;
      }
      int length = to - from;
      count(length);
      int at = backward ? place - length : place;
      place = backward ? at : at + length;
      return name.regionMatches(at, name, from, length);
    }

    private void put(int register, int value) {
      push(~register, registers[register]);
      registers[register] = value;
    }

    private void push(int what, int value) {
      if (trailEnd == trail.length) {
        trail = Arrays.copyOf(trail, 2 * trailEnd);
      }
      trail[trailEnd++] = what;
      trail[trailEnd++] = value;
    }

    /// Goes back to the newest way not tried yet.
    private int nextWay(int base) {
      while (trailEnd > base) {
        trailEnd -= 2;
        int what = trail[trailEnd];
        int value = trail[trailEnd + 1];
        if (what >= 0) {
          place = value;
          return what;
        }
        registers[~what] = value;
      }
      return FAIL;
    }

    /// Puts the registers back as they were.
    private void undo(int base) {
      forgetWays(base);
      nextWay(base);
    }

    private void forgetWays(int base) {
      int to = base;
      for (int from = base; from < trailEnd; from += 2) {
        if (trail[from] < 0) {
          trail[to++] = trail[from];
          trail[to++] = trail[from + 1];
        }
      }
      trailEnd = to;
    }
  }
}
