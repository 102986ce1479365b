// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.function.IntConsumer;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Script;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;

/// Rhino, interpreting (compiled rules are hardly faster, and take some milliseconds each to
/// compile), with no way to Java and with its instructions counted.
final class Sandbox extends ContextFactory {
  private static final int INSTRUCTIONS_STEP = 1000;

  private final IntConsumer instructions;

  /// @param instructions told from time to time how many have been executed; throws to end it
  Sandbox(IntConsumer instructions) {
    this.instructions = instructions;
  }

  @Override
  protected Context makeContext() {
    Context context = super.makeContext();
    context.setLanguageVersion(Context.VERSION_ES6);
    context.setInterpretedMode(true);
    context.setInstructionObserverThreshold(INSTRUCTIONS_STEP);
    context.setClassShutter(_ -> false);
    return context;
  }

  @Override
  protected void observeInstructionCount(Context context, int count) {
    instructions.accept(count);
  }

  /// @param source as [RuleText] has written it
  /// @param place for messages
  Script compile(String source, String place) {
    try (Context context = enterContext()) {
      return context.compileString(source, place, 1, null);
    }
  }

  /// Whether what the rule yields is true in JavaScript's sense: not `false`, `0`, `NaN`, `""`,
  /// `null` or `undefined`.
  boolean run(Script script, Scriptable scope) {
    try (Context context = enterContext()) {
      return ScriptRuntime.toBoolean(script.exec(context, scope, scope));
    }
  }
}
