// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.listen.Timers;
import io.freshet.spi.Store;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Whole collections and their past.
///
/// Threading: the engine's thread only, except for the figures.
public final class CollectionReads {
  private final Followers followers = new Followers();
  private final Permission permission;
  private final Rows rows;
  private final Journal journal;
  private final StoreReads reads;
  private final Browsing browsing;
  private final Follows follows;

  /// What it is given instead of making it itself.
  ///
  /// @param timers run their tasks on the engine's thread
  /// @param reader runs reads of the store that may block
  /// @param onEngineThread runs a task in a later turn; called from any thread
  public record Surroundings(
      Store store,
      Sources sources,
      Timers timers,
      InstantSource clock,
      Asking asking,
      Outbox outbox,
      Executor reader,
      Consumer<Runnable> onEngineThread,
      FollowOptions options) {}

  public CollectionReads(Surroundings given, Journal journal) {
    this.journal = journal;
    this.reads = new StoreReads(given, journal);
    this.permission = new Permission(given.asking());
    this.rows = new Rows(given.asking());
    this.browsing = new Browsing(given, journal, reads, permission, rows);
    this.follows = new Follows(given, followers, journal, reads, permission, rows);
  }

  public void handle(Command.OfCollection command) {
    switch (command) {
      case Command.Scan scan -> browsing.scan(scan);
      case Command.History history -> browsing.history(history);
      case Command.Replay replay -> browsing.replay(replay);
      case Command.Follow follow -> follows.follow(follow);
      case Command.Unfollow(var session, var interest) -> follows.unfollow(session, interest);
    }
  }

  /// The session is gone: it follows no more.
  public void leave(Session session) {
    follows.leave(session);
  }

  /// Runs what blocks.
  public StoreReads reads() {
    return reads;
  }

  /// Who may read.
  public Permission permission() {
    return permission;
  }

  /// What may be seen of single documents.
  public Rows rows() {
    return rows;
  }

  /// Who wants which changes.
  public Followers followers() {
    return followers;
  }

  /// What has been published.
  public Journal journal() {
    return journal;
  }

  /// Reads of the store under way; roughly, from any thread.
  public int readsUnderWay() {
    return reads.underWay();
  }
}
