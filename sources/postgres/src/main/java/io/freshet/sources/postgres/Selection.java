// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.sources.postgres.Facts.Relation;
import io.freshet.sources.postgres.PostgresOptions.TableChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which tables the configuration covers, and the collection each is. Immutable.
///
/// @param collections by the table's oid
/// @param problems what is wrong with the configuration, one sentence each
record Selection(Map<Long, String> collections, List<String> problems) {
  Selection {
    collections = Map.copyOf(collections);
    problems = List.copyOf(problems);
  }

  static Selection of(List<TableChoice> choices, List<Relation> relations) {
    var collections = new LinkedHashMap<Long, String>();
    var problems = new ArrayList<String>();
    // A table that is named counts as it is named, also where a pattern covers it.
    for (TableChoice choice : choices) {
      if (!choice.isAll()) {
        selectOne(choice, relations, collections, problems);
      }
    }
    for (TableChoice choice : choices) {
      if (choice.isAll()) {
        selectAll(choice, relations, collections);
      }
    }
    check(relations, collections, problems);
    return new Selection(collections, problems);
  }

  private static void selectOne(
      TableChoice choice,
      List<Relation> relations,
      Map<Long, String> collections,
      List<String> problems) {
    for (Relation relation : relations) {
      if (choice.covers(relation.schema(), relation.name())) {
        String problem = unsuited(relation);
        if (problem == null) {
          String named = choice.collection();
          collections.put(relation.oid(), named == null ? relation.name() : named);
        } else {
          problems.add(problem);
        }
        return;
      }
    }
    problems.add(
        "There is no table %s in this database; case counts: what was made without quotes is in"
                .formatted(choice.table())
            + " lower case");
  }

  private static @Nullable String unsuited(Relation relation) {
    String what =
        switch (relation.kind()) {
          case 'r', 'p' -> relation.partition() ? "a partition: name the table it is part of" : "";
          case 'v' -> "a view: name the tables it shows";
          case 'm' -> "a materialized view: name the tables it shows";
          case 'f' -> "a foreign table: point a source at the database it is in";
          default -> "no table";
        };
    if (!what.isEmpty()) {
      return relation.plainName() + " is " + what;
    }
    return relation.logged()
        ? null
        : "%s is an unlogged table, of which PostgreSQL tells nothing: ALTER TABLE %s SET LOGGED;"
            .formatted(relation.plainName(), Sql.name(relation.schema(), relation.name()));
  }

  private static void selectAll(
      TableChoice choice, List<Relation> relations, Map<Long, String> collections) {
    for (Relation relation : relations) {
      if (relation.isTable()
          && relation.logged()
          && choice.covers(relation.schema(), relation.name())
          && !relation.name().equals(Marks.TABLE)) {
        collections.putIfAbsent(relation.oid(), relation.name());
      }
    }
  }

  private static void check(
      List<Relation> relations, Map<Long, String> collections, List<String> problems) {
    var takenBy = new LinkedHashMap<String, Relation>();
    for (Relation relation : relations) {
      String collection = collections.get(relation.oid());
      if (collection == null) {
        continue;
      }
      Relation other = takenBy.putIfAbsent(collection, relation);
      String problem = null;
      if (!DocumentKey.isCollection(collection) || collection.equals(DocumentKey.UNNAMED)) {
        problem = "\"%s\" cannot name a collection".formatted(collection);
      } else if (other != null) {
        problem = "the collection %s is %s already".formatted(collection, other.plainName());
      }
      if (problem != null) {
        collections.remove(relation.oid());
        problems.add(
            "%s is left out: %s. Say in `tables` which collection it is: { table: %s, collection:"
                    .formatted(relation.plainName(), problem, relation.plainName())
                + " NAME }");
      }
    }
  }
}
