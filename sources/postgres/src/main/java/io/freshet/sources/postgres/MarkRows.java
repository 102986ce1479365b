// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the marks that are rows of a table, as before version 14. Immutable.
final class MarkRows {
  private final long oid;
  private final byte[] slot;
  private final int slotColumn;
  private final int markColumn;

  /// @param slot whose marks are ours
  MarkRows(Relation relation, String slot) {
    this.oid = relation.oid();
    this.slot = slot.getBytes(StandardCharsets.UTF_8);
    List<String> names = relation.columns().stream().map(Relation.Column::name).toList();
    this.slotColumn = names.indexOf("slot");
    this.markColumn = names.indexOf("mark");
  }

  static boolean isOf(Relation relation) {
    return relation.schema().equals("public") && relation.name().equals(Marks.TABLE);
  }

  /// What a row says; null if it is of another table or slot.
  @Nullable String content(long relation, Tuple row) {
    return relation == oid && slotColumn >= 0 && markColumn >= 0 && isOurs(row)
        ? text(row, markColumn)
        : null;
  }

  private boolean isOurs(Tuple row) {
    int from = row.offset(slotColumn);
    return Arrays.equals(row.bytes(), from, from + row.length(slotColumn), slot, 0, slot.length);
  }

  private static String text(Tuple row, int column) {
    return new String(row.bytes(), row.offset(column), row.length(column), StandardCharsets.UTF_8);
  }
}
