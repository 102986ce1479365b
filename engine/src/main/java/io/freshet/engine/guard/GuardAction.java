// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

/// What a principal wants to do with a document.
public enum GuardAction {
  CREATE,
  READ,
  WRITE,
  DELETE,
  LISTEN,
  NOTIFY
}
