// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.files.Refreshable;
import io.freshet.server.files.ReloadedFile;
import io.freshet.server.files.UnusableFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The guard that follows a permissions file. When the file changes, its new rules hold for what is
/// asked from then on, and what is open and not allowed any more ends; a file that cannot be used
/// is logged, and the rules before stay.
///
/// Threading: what [Guard] declares by the engine's thread, the others by any.
public final class Permissions implements Guard, Refreshable {
  private static final Logger log = LoggerFactory.getLogger(Permissions.class);
  private static final long REPORT_EVERY_MS = 60_000;
  private static final int REPORTED_MAX = 1000;
  private static final long ENDING_SECONDS = 30;

  private final ReloadedFile<RuleSet> file;
  private final LongAdder evaluations = new LongAdder();

  /// What is followed; once there is an engine, replaced by its thread only.
  private volatile RuleSet rules;

  private volatile Renewal renewal =
      replace -> {
        replace.run();
        return CompletableFuture.completedFuture(0);
      };

  /// Of the last change.
  private volatile CompletionStage<Integer> ended = CompletableFuture.completedFuture(0);

  /// When each rule's failure was last logged. Of the engine's thread.
  private final Map<String, Long> reported = new HashMap<>();

  private long nowMs;

  /// Lets an engine follow new rules.
  public interface Renewal {
    /// @param replace to be run on the engine's thread
    /// @return how much has ended because of it
    CompletionStage<Integer> renew(Runnable replace);
  }

  /// What came of reading the file.
  ///
  /// @param rules in effect
  /// @param ended what was open and is not allowed any more
  public record Reloaded(int rules, int ended) {}

  /// @throws UnusableFileException saying what is wrong
  public Permissions(Path path, InstantSource clock) {
    this.file = new ReloadedFile<>(path, clock, this::read, (_, changed) -> replace(changed));
    this.rules = file.get();
  }

  private RuleSet read(String name, String text) {
    RuleSet read = RuleFile.read(name, text);
    read.reportTo(this::failed, evaluations::increment);
    return read;
  }

  /// Whose thread new rules are to be taken over by.
  public void followedBy(Renewal engine) {
    renewal = engine;
  }

  private void replace(RuleSet changed) {
    ended = renewal.renew(() -> rules = changed);
  }

  @Override
  public GuardAnswer check(GuardRequest request) {
    if (request.principal().isOperator()) {
      return GuardAnswer.Allow.ALLOW;
    }
    nowMs = request.nowMs();
    return rules.check(request);
  }

  @Override
  public boolean isSameForAll(Face face, DocumentKey key) {
    return rules.isSameForAll(face, key);
  }

  @Override
  public boolean looksAtContent(Face face, DocumentKey key) {
    return rules.looksAtContent(face, key);
  }

  /// How many expressions have been evaluated.
  public long evaluations() {
    return evaluations.sum();
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

  /// Reads the file now, and waits until the rules in it are in effect.
  ///
  /// @throws UnusableFileException saying what is wrong; the rules before stay
  public Reloaded reload() {
    RuleSet before = file.get();
    RuleSet read = file.reload();
    boolean changed = before != read;
    try {
      int count = ended.toCompletableFuture().get(ENDING_SECONDS, TimeUnit.SECONDS);
      return new Reloaded(read.size(), changed ? count : 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableFileException("the rules were read, but waiting for them was ended", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new UnusableFileException(
          "the rules were read, but are not in effect everywhere yet", e);
    }
  }
}
