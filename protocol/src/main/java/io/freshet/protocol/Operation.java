// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

/// What a change did to its document. `OPEN` keeps a deepstream subscription's creation of a record
/// and changes no revision; it is shown to no topic or stream. `SNAPSHOT` is a row of a source's
/// table as it was read, not changed: shown to no topic, and to the streams it was read for.
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
