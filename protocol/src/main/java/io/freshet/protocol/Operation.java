// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

/// What a change did to its document. `OPEN` keeps a deepstream subscription's creation of a record
/// and changes no revision; it is shown to no topic or stream.
public enum Operation {
  OPEN,
  CREATE,
  REPLACE,
  MERGE,
  MUTATE,
  DELETE,
  RESTORE,
  EXPIRE,
  SNAPSHOT
}
