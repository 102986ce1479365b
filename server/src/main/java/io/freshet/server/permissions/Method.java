// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Scriptable;

/// Something that rules can call.
final class Method extends View implements Callable {
  private final Body body;

  /// What it does.
  interface Body {
    /// @param target what it is called on
    Object call(Scriptable target, Object[] arguments);
  }

  Method(Body body) {
    this.body = body;
  }

  @Override
  public String getClassName() {
    return "Function";
  }

  @Override
  Object member(String name) {
    return NOT_FOUND;
  }

  @Override
  public Object call(Context context, Scriptable scope, Scriptable target, Object[] arguments) {
    return body.call(target, arguments);
  }
}
