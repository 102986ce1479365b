// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.server.files.Refreshable;
import io.freshet.server.files.ReloadedFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The guard that follows a permissions file. When the file changes, its new rules hold for what is
/// asked from then on; a file that cannot be used is logged, and the rules before stay.
///
/// Threading: `check` by the engine's thread, the others by any.
public final class Permissions implements Guard, Refreshable {
  private static final Logger log = LoggerFactory.getLogger(Permissions.class);
  private static final long REPORT_EVERY_MS = 60_000;
  private static final int REPORTED_MAX = 1000;

  private final ReloadedFile<RuleSet> file;

  /// When each rule's failure was last logged. Of the engine's thread.
  private final Map<String, Long> reported = new HashMap<>();

  private long nowMs;

  /// @throws io.freshet.server.files.UnusableFileException saying what is wrong
  public Permissions(Path path, InstantSource clock) {
    this.file = new ReloadedFile<>(path, clock, this::read, (_, _) -> {});
  }

  private RuleSet read(String name, String text) {
    RuleSet rules = RuleFile.read(name, text);
    rules.reportTo(this::failed);
    return rules;
  }

  @Override
  public GuardAnswer check(GuardRequest request) {
    if (request.principal().isOperator()) {
      return GuardAnswer.Allow.ALLOW;
    }
    nowMs = request.nowMs();
    return file.get().check(request);
  }

  /// Now and then: who asks can make a rule fail as often as he likes.
  private void failed(String rule, String why) {
    Long last = reported.get(rule);
    if (last != null && nowMs - last < REPORT_EVERY_MS) {
      return;
    }
    if (reported.size() >= REPORTED_MAX) {
      reported.clear();
    }
    reported.put(rule, nowMs);
    log.warn("{}: the rule could not be evaluated, so the request was refused: {}", rule, why);
  }

  @Override
  public void refresh() {
    file.refresh();
  }

  /// Reads the file now.
  ///
  /// @return how many rules are in effect
  /// @throws io.freshet.server.files.UnusableFileException saying what is wrong; the rules before
  ///   stay
  public int reload() {
    return file.reload().size();
  }
}
