// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceSettingsTest {
  private static FreshetConfig load(String file, String... flags) {
    return FreshetConfig.load(
        new ConfigInput("freshet.yml", file, Map.of("PG_PASSWORD", "hush"), List.of(flags)));
  }

  private static List<String> problems(String file, String... flags) {
    return assertThrows(ConfigException.class, () -> load(file, flags)).problems();
  }

  @Test
  void isEmptyWithoutEntries() {
    assertEquals(List.of(), load("").sources());
    assertEquals(List.of(), load("sources: []").sources());
    assertTrue(load("").print().endsWith("sources: []  # default\n"));
  }

  @Test
  void readsEntriesWithTheirDefaults() {
    FreshetConfig config =
        load(
            """
            sources:
              - type: postgres
                url: postgresql://freshet@127.0.0.1:5432/app
                password: "${PG_PASSWORD}"
                tables: ["public.User", { table: public.users, collection: People }]
              - type: postgres
                name: other
                url: postgres://u:p@db/x?sslmode=require
                tables: "*"
                publication: "a b"
                slot: theirs
                setup: manual
                heartbeat: 1m
                maxRow: 4MiB
            """);
    assertEquals(
        List.of(
            new SourceSettings(
                "main",
                "postgresql://freshet@127.0.0.1:5432/app",
                "hush",
                List.of(
                    new SourceSettings.Table("public.User", Optional.empty()),
                    new SourceSettings.Table("public.users", Optional.of("People"))),
                "freshet",
                "freshet",
                true,
                Duration.ofSeconds(10),
                16 << 20),
            new SourceSettings(
                "other",
                "postgres://u:p@db/x?sslmode=require",
                "",
                List.of(new SourceSettings.Table("*", Optional.empty())),
                "a b",
                "theirs",
                false,
                Duration.ofMinutes(1),
                4 << 20)),
        config.sources());
  }

  @Test
  void flagsWinAndCanMakeAnEntry() {
    FreshetConfig config =
        load(
            "",
            "sources.0.type=postgres",
            "sources.0.url=postgresql://u@h/d",
            "sources.0.tables=a,public.b as B");
    assertEquals(
        List.of(
            new SourceSettings.Table("a", Optional.empty()),
            new SourceSettings.Table("public.b", Optional.of("B"))),
        config.sources().getFirst().tables());
  }

  @Test
  void saysEverythingThatIsWrong() {
    assertEquals(
        List.of(
            "freshet.yml line 7: an entry of sources.1.tables is a table's name, or a mapping of"
                + " table and collection",
            "freshet.yml line 2: sources.0.type must be postgres, not \"mysql\"",
            "freshet.yml line 2: sources.0.url must be like postgresql://user@host:5432/database,"
                + " not \"postgresql://u:***@h\"",
            "freshet.yml line 2: unknown key sources.0.table; did you mean sources.0.tables?"
                .replace("sources.0.tables?", "tables?"),
            "freshet.yml line 2: sources.0 needs tables",
            "freshet.yml line 5: sources.1.slot must be made of a to z, 0 to 9 and _, at most 63,"
                + " not \"No\"",
            "freshet.yml line 3: sources.1.tables: two tables would be the collection t; give one"
                + " of them another collection: { table: b.t, collection: NAME }",
            "freshet.yml line 3: sources.1: there is a source called main already; give this one"
                + " another name"),
        problems(
            """
            sources:
              - { type: mysql, url: "postgresql://u:pa:ss@h", table: x }
              - type: postgres
                url: postgresql://u@h/d
                slot: No
                tables:
                  - { table: a, collections: b }
                  - a.t
                  - b.t
            """));
    assertEquals(
        List.of(
            "freshet.yml line 1: sources takes a list of entries, each with a type (postgres), url"
                + " and tables"),
        problems("sources: x"));
  }

  @Test
  void printsWithoutPasswords() {
    String printed =
        load("""
        sources:
          - type: postgres
            url: postgresql://u:secret@h/d
            password: "${PG_PASSWORD}"
            tables: [{ table: a, collection: B }, c]
        """)
            .print();
    assertFalse(printed.contains("secret"), printed);
    assertFalse(printed.contains("hush"), printed);
    assertTrue(printed.contains("    url: \"postgresql://u:***@h/d\"  # freshet.yml line 3\n"));
    assertTrue(printed.contains("    password: \"***\"  # freshet.yml line 4\n"), printed);
    assertTrue(printed.contains("    tables: [\"a as B\", c]  # freshet.yml line 5\n"), printed);
    assertTrue(printed.contains("    slot: freshet  # default\n"), printed);
  }
}
