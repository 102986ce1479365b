// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

/// One step of a path.
public sealed interface PathToken {
  /// A member of an object; on an array, digits address the element.
  record Key(String name) implements PathToken {}

  /// An element of an array; on an object, the member of that name.
  record Index(int place) implements PathToken {}
}
