// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.filter.FieldType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// How values of each type are read, by the type's oid. The system's own types are known; others
/// are looked up in the catalog and remembered: what a type is made of does not change, only its
/// name and labels do. Not for several threads.
final class Types {
  private static final Map<Integer, ValueReader> KNOWN = known();

  private static final String SQL =
      """
      SELECT oid, typtype, typbasetype, typelem, typdelim,
        typoutput = 'pg_catalog.array_out'::regproc
      FROM pg_type WHERE oid = ANY (?)\
      """;

  private final Map<Integer, ValueReader> readers = new HashMap<>(KNOWN);

  private static Map<Integer, ValueReader> known() {
    var known = new HashMap<Integer, ValueReader>();
    known.put(16, Values::bool);
    known.put(17, Values::bytes);
    for (int number : new int[] {20, 21, 23, 26, 700, 701, 1700}) {
      known.put(number, Values::number);
    }
    // char, name, text, bpchar, varchar, date, time, timetz, interval, uuid, inet, cidr, xml
    for (int text :
        new int[] {18, 19, 25, 1042, 1043, 1082, 1083, 1266, 1186, 2950, 869, 650, 142}) {
      known.put(text, Values::text);
    }
    known.put(1114, Values::timestamp);
    known.put(1184, Values::timestamp);
    known.put(114, Values::json);
    known.put(3802, Values::json);
    return Map.copyOf(known);
  }

  /// What values of a type are for clients.
  ///
  /// @param oid of a type that is neither a domain nor an array
  static FieldType kind(int oid, boolean isEnum) {
    return switch (oid) {
      case 16 -> FieldType.BOOLEAN;
      case 17 -> FieldType.BYTES;
      case 21, 23 -> FieldType.INT;
      case 20, 26 -> FieldType.BIGINT;
      case 700, 701 -> FieldType.FLOAT;
      case 1700 -> FieldType.DECIMAL;
      case 114, 3802 -> FieldType.JSON;
      // date, time, timestamp, timestamptz, timetz
      case 1082, 1083, 1114, 1184, 1266 -> FieldType.DATETIME;
      default -> isEnum ? FieldType.ENUM : FieldType.STRING;
    };
  }

  /// How it is read; as text if it is unknown (a type that was dropped meanwhile).
  ValueReader reader(int oid) {
    return readers.getOrDefault(oid, Values::text);
  }

  /// Whether all of these are known already.
  boolean know(Collection<Integer> oids) {
    return readers.keySet().containsAll(oids);
  }

  /// Looks up those that are not known, and what they are made of. A type that is gone is text.
  void learn(Connection connection, Collection<Integer> oids) throws SQLException {
    var looked = new HashMap<Integer, Entry>();
    Set<Integer> missing = missing(oids, looked);
    while (!missing.isEmpty()) {
      look(connection, missing, looked);
      var parts = new HashSet<Integer>();
      looked.values().forEach(entry -> parts.add(entry.part()));
      parts.remove(0);
      missing = missing(parts, looked);
    }
    oids.forEach(oid -> readers.computeIfAbsent(oid, each -> resolve(each, looked)));
  }

  private Set<Integer> missing(Collection<Integer> oids, Map<Integer, Entry> looked) {
    var missing = new HashSet<>(oids);
    missing.removeAll(readers.keySet());
    missing.removeAll(looked.keySet());
    return missing;
  }

  private static void look(Connection connection, Set<Integer> oids, Map<Integer, Entry> looked)
      throws SQLException {
    oids.forEach(oid -> looked.put(oid, Entry.TEXT));
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      Object[] numbers = oids.stream().map(Integer::toUnsignedLong).toArray();
      statement.setArray(1, connection.createArrayOf("oid", numbers));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          looked.put((int) rows.getLong(1), entry(rows));
        }
      }
    }
  }

  private static Entry entry(ResultSet row) throws SQLException {
    if ("d".equals(row.getString(2))) {
      return new Entry((int) row.getLong(3), false, ',');
    }
    return row.getBoolean(6)
        ? new Entry((int) row.getLong(4), true, row.getString(5).charAt(0))
        : Entry.TEXT;
  }

  private ValueReader resolve(int oid, Map<Integer, Entry> looked) {
    ValueReader known = readers.get(oid);
    if (known != null) {
      return known;
    }
    Entry entry = looked.getOrDefault(oid, Entry.TEXT);
    if (entry.part() == 0) {
      return Values::text;
    }
    ValueReader part = resolve(entry.part(), looked);
    return entry.isArray() ? new ArrayText(part, entry.delimiter()) : part;
  }

  /// @param part the type of the elements of an array, or the base type of a domain; 0 for neither
  private record Entry(int part, boolean isArray, char delimiter) {
    static final Entry TEXT = new Entry(0, false, ',');
  }
}
