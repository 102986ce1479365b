// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.sources.postgres.PostgresOptions.TableChoice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which collection each table of the log is, and what names its rows. The log describes a table as
/// it was when it was written to; the catalog as it is now, which may be later: renamed, with
/// another key, or gone. What the log says counts; the catalog is asked for what it does not say.
///
/// **Threads.** [#describe] from one; the rest from any.
final class TableDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(TableDirectory.class);

  private final PostgresOptions options;
  private final Figures figures;
  private final Types types = new Types();
  private final Set<String> complained = ConcurrentHashMap.newKeySet();

  /// Collections of which rows were told.
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  private volatile TableMap map;

  TableDirectory(PostgresOptions options, Figures figures) {
    this.options = options;
    this.figures = figures;
    this.map = TableMap.unknown(options);
  }

  TableMap map() {
    return map;
  }

  /// Asks the catalog.
  ///
  /// @return what it says
  Facts refresh(Connection connection) throws SQLException {
    Facts facts = Catalog.read(connection, options);
    map = TableMap.of(facts, options);
    return facts;
  }

  /// The source's collections: those of the catalog, those configured by name (whose tables may be
  /// gone and come back), and those the log tells of.
  Set<String> collections() {
    var collections = new TreeSet<>(map.collections());
    for (TableChoice choice : options.tables()) {
      String named = choice.collection() == null ? choice.relation() : choice.collection();
      if (!choice.isAll() && isCollection(named)) {
        collections.add(named);
      }
    }
    collections.addAll(told);
    return collections;
  }

  /// A row of this collection is told.
  ///
  /// @return whether the collection has become one of the source's by that
  boolean tell(String collection) {
    return told.add(collection) && !map.collections().contains(collection);
  }

  private static boolean isCollection(String name) {
    return DocumentKey.isCollection(name) && !name.equals(DocumentKey.UNNAMED);
  }

  /// How the rows of a table are told from now on; null if they are not.
  ///
  /// @param before how they were told until now, if they were
  @Nullable TableRows describe(Relation relation, @Nullable TableRows before, Questions questions)
      throws SQLException {
    Table table = map.byOid(relation.oid());
    if (table == null || !isSame(table, relation)) {
      questions.ask(this::refresh);
      table = map.byOid(relation.oid());
    }
    String collection = collection(relation, table);
    if (collection == null) {
      return null;
    }
    List<String> key = key(relation, table, before);
    if (key.isEmpty()) {
      unnamed(collection);
      return null;
    }
    List<Integer> oids = relation.columns().stream().map(Relation.Column::typeOid).toList();
    if (!types.know(oids)) {
      questions.ask(connection -> types.learn(connection, oids));
    }
    return new TableRows(relation, collection, key, types);
  }

  private static boolean isSame(Table table, Relation relation) {
    return table.schema().equals(relation.schema())
        && table.name().equals(relation.name())
        && names(relation).containsAll(names(table.key()));
  }

  private static List<String> names(List<Table.Column> columns) {
    return columns.stream().map(Table.Column::name).toList();
  }

  private static List<String> names(Relation relation) {
    return relation.columns().stream().map(Relation.Column::name).toList();
  }

  private @Nullable String collection(Relation relation, @Nullable Table table) {
    if (table != null
        && table.schema().equals(relation.schema())
        && table.name().equals(relation.name())) {
      return table.collection().isEmpty() ? null : table.collection();
    }
    String patterned = null;
    for (TableChoice choice : options.tables()) {
      if (choice.covers(relation.schema(), relation.name())) {
        if (!choice.isAll()) {
          String named = choice.collection();
          return named == null ? relation.name() : named;
        }
        patterned = relation.name();
      }
    }
    return patterned != null && isCollection(patterned) ? patterned : null;
  }

  /// The names of the columns that are the id. Under a full identity the log does not say which;
  /// under another one it does, but not their order.
  private static List<String> key(
      Relation relation, @Nullable Table table, @Nullable TableRows before) {
    List<String> columns = names(relation);
    List<String> identifying =
        relation.columns().stream()
            .filter(Relation.Column::identifying)
            .map(Relation.Column::name)
            .toList();
    boolean says = relation.identity() == 'd' || relation.identity() == 'i';
    if (table != null) {
      List<String> key = names(table.key());
      if (says ? Set.copyOf(identifying).equals(Set.copyOf(key)) : columns.containsAll(key)) {
        return key;
      }
    }
    if (says) {
      return identifying;
    }
    return before != null && columns.containsAll(before.key()) ? before.key() : List.of();
  }

  /// A row was left out.
  void unnamed(String collection) {
    figures.unnamed.incrementAndGet();
    if (complained.add(collection)) {
      LOG.warn(
          "{}: rows of {} are left out: they have no id, or one that is longer than {} bytes; a"
              + " primary key that is short enough helps",
          options.name(),
          collection,
          DocumentKey.NAME_BYTES_MAX);
    }
  }

  /// Asks over a connection for questions.
  @FunctionalInterface
  interface Questions {
    void ask(Question question) throws SQLException;
  }

  @FunctionalInterface
  interface Question {
    void ask(Connection connection) throws SQLException;
  }
}
