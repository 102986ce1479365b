// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.SourceSettings;
import io.freshet.sources.postgres.Finding;
import io.freshet.sources.postgres.PostgresAdmin;
import io.freshet.sources.postgres.PostgresOptions;
import io.freshet.sources.postgres.PostgresOptions.TableChoice;
import io.freshet.sources.postgres.PostgresUrl;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/// The commands about the databases of `sources`: `postgres doctor` and `postgres setup`.
final class PostgresCommands {
  static final String HELP =
      """
      freshet postgres doctor [--source NAME] [OPTION]...
                                               say what of the databases of `sources` is in the way,
                                               and the SQL that helps
      freshet postgres setup [--dry-run] [--source NAME] [OPTION]...
                                               make publication and slot, or only print the SQL
      """;

  private final PrintStream out;

  PostgresCommands(PrintStream out) {
    this.out = out;
  }

  /// @throws RefusedException if something is in the way
  void execute(List<SourceSettings> configured, Command.PostgresVerb verb, Optional<String> name) {
    List<SourceSettings> sources =
        configured.stream()
            .filter(source -> name.isEmpty() || name.get().equals(source.name()))
            .toList();
    if (sources.isEmpty()) {
      throw new RefusedException(
          ExitCode.USAGE,
          name.isEmpty()
              ? "the configuration has no sources; see docs/reference/configuration.md"
              : "the configuration has no source called " + name.get());
    }
    int failed = 0;
    for (SourceSettings source : sources) {
      PostgresOptions options = options(source);
      out.println("source %s: %s".formatted(source.name(), options.url()));
      boolean good =
          switch (verb) {
            case DOCTOR -> examine(options);
            case SETUP -> setUp(options, false);
            case SETUP_DRY -> setUp(options, true);
          };
      failed += good ? 0 : 1;
    }
    if (failed > 0) {
      throw new RefusedException(
          ExitCode.FAILURE,
          verb == Command.PostgresVerb.DOCTOR
              ? "something is in the way; the statements above help"
              : "not everything could be done");
    }
  }

  static PostgresOptions options(SourceSettings source) {
    return new PostgresOptions(
        source.name(),
        PostgresUrl.parse(source.url(), source.password()),
        source.tables().stream()
            .map(table -> new TableChoice(table.table(), table.collection().orElse(null)))
            .toList(),
        source.publication(),
        source.slot(),
        source.automaticSetup(),
        source.heartbeat(),
        source.rowBytesMax());
  }

  private boolean examine(PostgresOptions options) {
    List<Finding> findings = PostgresAdmin.doctor(options);
    boolean good = true;
    for (Finding finding : findings) {
      good &= finding.severity() != Finding.Severity.ERROR;
      String kind =
          switch (finding.severity()) {
            case ERROR -> "error";
            case WARNING -> "warning";
            case NOTE -> "note";
          };
      out.println("  %s: %s".formatted(kind, finding.text()));
      finding.remedy().forEach(sql -> out.println("      " + sql));
    }
    if (good) {
      out.println("  nothing is in the way");
    }
    return good;
  }

  private boolean setUp(PostgresOptions options, boolean dryRun) {
    PostgresAdmin.SetupReport report = PostgresAdmin.setup(options, dryRun);
    if (!report.refusal().isEmpty()) {
      out.println("  error: " + report.refusal());
      return false;
    }
    if (report.statements().isEmpty()) {
      out.println("  nothing is missing");
    }
    report.statements().forEach(sql -> out.println((dryRun ? "  would run: " : "  ran: ") + sql));
    return true;
  }
}
