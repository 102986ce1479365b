// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonKeys;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.RowChange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes row changes out of the messages of one table, as it is described by one relation message.
/// Immutable.
final class TableRows {
  /// A name that documents refuse; such a column is left out.
  private static final String FORBIDDEN = "__proto__";

  private final Relation relation;
  private final String collection;
  private final JsonKeys keys;
  private final @Nullable ValueReader[] readers;
  private final List<String> key;
  private final int[] id;

  /// @param id names of the columns whose texts are the id of a row; the relation has them all
  TableRows(Relation relation, String collection, List<String> id, Types types) {
    this.relation = relation;
    this.collection = collection;
    List<String> names = relation.columns().stream().map(Relation.Column::name).toList();
    this.keys = JsonKeys.of(names.stream().map(TableRows::allowed).toList());
    this.readers = new ValueReader[names.size()];
    for (int i = 0; i < readers.length; i++) {
      boolean told = !names.get(i).equals(FORBIDDEN);
      readers[i] = told ? types.reader(relation.columns().get(i).typeOid()) : null;
    }
    this.key = List.copyOf(id);
    this.id = id.stream().mapToInt(names::indexOf).toArray();
  }

  /// No value is ever put there.
  private static String allowed(String name) {
    return name.equals(FORBIDDEN) ? "" : name;
  }

  String collection() {
    return collection;
  }

  /// Names of the columns whose texts are the id.
  List<String> key() {
    return key;
  }

  /// Null if the row cannot be named.
  @Nullable RowChange inserted(Tuple tuple) {
    String row = id(tuple);
    return row == null
        ? null
        : new RowChange.Inserted(collection, row, keys.object(values(tuple, false)));
  }

  /// Null if neither row can be named.
  @Nullable RowChange updated(LogMessage.Update update) {
    Tuple old = update.old();
    @Nullable JsonValue[] before = old == null ? null : values(old, !update.whole());
    @Nullable JsonValue[] after = values(update.row(), false);
    Set<String> untold = fill(update.row(), after, before);
    JsonObject former = before != null && update.whole() ? keys.object(before) : null;
    String id = id(update.row(), old);
    String oldId = old == null ? id : id(old);
    if (id == null) {
      return oldId == null ? null : new RowChange.Deleted(collection, oldId, keyOnly(before));
    }
    JsonObject row = keys.object(after);
    return oldId == null || oldId.equals(id)
        ? new RowChange.Updated(collection, id, row, untold, former)
        : new RowChange.Moved(collection, oldId, id, row, untold, former);
  }

  private JsonObject keyOnly(@Nullable JsonValue @Nullable [] before) {
    return before == null ? JsonObject.empty() : keys.object(before);
  }

  /// Null if the row cannot be named.
  @Nullable RowChange deleted(LogMessage.Delete delete) {
    String row = id(delete.old());
    return row == null
        ? null
        : new RowChange.Deleted(
            collection, row, keys.object(values(delete.old(), !delete.whole())));
  }

  /// A column that has not changed and is stored apart is not told; the old row may have it.
  ///
  /// @return names of those it has not
  private Set<String> fill(
      Tuple tuple, @Nullable JsonValue[] after, @Nullable JsonValue @Nullable [] before) {
    Set<String> untold = Set.of();
    for (int i = 0; i < after.length; i++) {
      if (tuple.kind(i) != Tuple.UNCHANGED || readers[i] == null) {
        continue;
      }
      if (before != null && before[i] != null) {
        after[i] = before[i];
      } else {
        untold = untold.isEmpty() ? new HashSet<>() : untold;
        untold.add(relation.columns().get(i).name());
      }
    }
    return untold;
  }

  /// @param keyOnly whether the columns beside the key are not told; they come as NULL
  private @Nullable JsonValue[] values(Tuple tuple, boolean keyOnly) {
    if (tuple.size() != readers.length) {
      throw new IllegalArgumentException(
          "A row of %d columns in table %s of %d"
              .formatted(tuple.size(), relation.name(), readers.length));
    }
    var values = new @Nullable JsonValue[readers.length];
    for (int i = 0; i < values.length; i++) {
      ValueReader reader = readers[i];
      if (reader != null && (!keyOnly || relation.columns().get(i).identifying())) {
        values[i] = value(reader, tuple, i);
      }
    }
    return values;
  }

  private static @Nullable JsonValue value(ValueReader reader, Tuple tuple, int column) {
    return switch (tuple.kind(column)) {
      case Tuple.TEXT -> reader.read(tuple.bytes(), tuple.offset(column), tuple.length(column));
      case Tuple.NULL -> JsonNull.NULL;
      default -> null;
    };
  }

  private @Nullable String id(Tuple tuple) {
    return id(tuple, null);
  }

  /// @param old has the texts that the row itself does not tell, because they have not changed
  private @Nullable String id(Tuple tuple, @Nullable Tuple old) {
    if (id.length == 1) {
      String text = text(tuple, old, id[0]);
      return text == null ? null : Ids.of(List.of(text));
    }
    var texts = new ArrayList<String>(id.length);
    for (int column : id) {
      String text = text(tuple, old, column);
      if (text == null) {
        return null;
      }
      texts.add(text);
    }
    return Ids.of(texts);
  }

  private static @Nullable String text(Tuple tuple, @Nullable Tuple old, int column) {
    return switch (tuple.kind(column)) {
      case Tuple.TEXT ->
          new String(
              tuple.bytes(), tuple.offset(column), tuple.length(column), StandardCharsets.UTF_8);
      case Tuple.UNCHANGED -> old == null ? null : text(old, null, column);
      default -> null;
    };
  }
}
