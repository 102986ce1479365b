// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Expiry;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Listed;
import io.freshet.spi.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads collections, the past of documents, and logs, page by page. The store may be ahead of its
/// feed: changes that have not been published yet are left out of the answers, so that whoever goes
/// on by following gets them then, and once.
final class Browsing {
  private final Store store;
  private final CollectionReads.Surroundings given;
  private final InstantSource clock;
  private final Journal journal;
  private final Places places;
  private final Permission permission;
  private final StoreReads reads;
  private final Rows rows;
  private final Outbox outbox;
  private final long pageBytesMax;

  Browsing(
      CollectionReads.Surroundings given,
      Journal journal,
      StoreReads reads,
      Permission permission,
      Rows rows) {
    this.store = given.store();
    this.given = given;
    this.clock = given.clock();
    this.journal = journal;
    this.places = new Places(store);
    this.permission = permission;
    this.reads = reads;
    this.rows = rows;
    this.outbox = given.outbox();
    this.pageBytesMax = given.options().pageBytesMax();
  }

  void scan(Command.Scan command) {
    Consumer<Outcome> answer = answer(command.replyTo());
    long epoch = permission.epoch();
    permission.toList(
        principal(command.replyTo()),
        command.collection(),
        each ->
            whenWhole(
                command.collection(),
                () ->
                    reads.read(
                        () -> scanned(command), page -> show(command, page, each, epoch), answer),
                answer),
        answer);
  }

  private static Principal principal(ReplyTo replyTo) {
    return replyTo.session().principal();
  }

  /// What has been read is judged by the rules of now.
  private void show(Command.Scan command, Outcome.Scanned page, boolean each, long epoch) {
    Consumer<Outcome> answer = answer(command.replyTo());
    if (epoch != permission.epoch()) {
      long now = permission.epoch();
      permission.toList(
          principal(command.replyTo()),
          command.collection(),
          judged -> show(command, page, judged, now),
          answer);
    } else if (each) {
      Principal principal = principal(command.replyTo());
      List<Listed> shown =
          page.documents().stream()
              .filter(listed -> rows.mayRead(principal, Face.DOCUMENTS, listed.document()))
              .toList();
      answer.accept(new Outcome.Scanned(shown, page.next()));
    } else {
      answer.accept(page);
    }
  }

  /// A table is listed once all its rows are held.
  private void whenWhole(String collection, Runnable then, Consumer<Outcome> otherwise) {
    given
        .sources()
        .whenComplete(
            collection,
            given.timers(),
            given.onEngineThread(),
            then,
            failure ->
                otherwise.accept(
                    new Outcome.Refused(failure.code(), String.valueOf(failure.getMessage()))));
  }

  private Consumer<Outcome> answer(ReplyTo replyTo) {
    return outcome -> outbox.answer(replyTo, outcome);
  }

  private Outcome.Scanned scanned(Command.Scan command) {
    var page = new Page<Listed>(command.max(), pageBytesMax, Browsing::bytesOf);
    String after = command.after();
    for (int slice = page.slice(); slice > 0; slice = page.slice()) {
      List<Listed> found = store.scan(command.collection(), after, slice);
      for (Listed each : found) {
        Document document = Expiry.asOf(each.document(), clock.millis());
        page.add(new Listed(document, each.offset()), true);
      }
      if (found.size() < slice) {
        return new Outcome.Scanned(page.items(), null);
      }
      after = found.getLast().document().key().id();
    }
    return new Outcome.Scanned(page.items(), after);
  }

  void history(Command.History command) {
    Consumer<Outcome> answer = answer(command.replyTo());
    long epoch = permission.epoch();
    permission.toRead(
        principal(command.replyTo()),
        command.key(),
        loaded ->
            reads.read(() -> changes(command), read -> show(command, read, loaded, epoch), answer),
        answer);
  }

  /// Former states of the document are judged one by one.
  private void show(
      Command.History command,
      Outcome.Changes read,
      Map<DocumentKey, Document> loaded,
      long epoch) {
    if (epoch != permission.epoch()) {
      long now = permission.epoch();
      permission.toRead(
          principal(command.replyTo()),
          command.key(),
          again -> show(command, read, again, now),
          answer(command.replyTo()));
      return;
    }
    Outcome.Changes published = published(read);
    var shown = new ArrayList<Change>();
    for (Change each : published.changes()) {
      Change seen = rows.show(principal(command.replyTo()), Face.DOCUMENTS, each, loaded);
      if (seen != null && !(each.after().isLive() && !seen.after().isLive())) {
        shown.add(seen);
      }
    }
    if (shown.isEmpty() && published.more()) {
      long last = published.changes().getLast().revision();
      history(new Command.History(command.replyTo(), command.key(), last, command.max()));
      return;
    }
    answer(command.replyTo()).accept(new Outcome.Changes(shown, published.more()));
  }

  private Outcome.Changes changes(Command.History command) {
    var page = new Page<Change>(command.max(), pageBytesMax, Browsing::bytesOf);
    long after = command.after();
    boolean more = true;
    for (int slice = page.slice(); slice > 0 && more; slice = page.slice()) {
      List<Change> found = store.history(command.key(), after, slice);
      found.forEach(each -> page.add(each, each.operation() != Operation.OPEN));
      more = found.size() == slice;
      after = found.isEmpty() ? after : found.getLast().revision();
    }
    more = more && hasMore(command, after);
    return new Outcome.Changes(page.items(), more);
  }

  private boolean hasMore(Command.History command, long after) {
    return store.history(command.key(), after, 2).stream()
        .anyMatch(each -> each.operation() != Operation.OPEN);
  }

  private Outcome.Changes published(Outcome.Changes read) {
    List<Change> changes = read.changes();
    if (changes.isEmpty() || journal.covers(changes.getLast().position())) {
      return read;
    }
    return new Outcome.Changes(
        changes.stream().filter(each -> journal.covers(each.position())).toList(), false);
  }

  /// What was read of a log.
  ///
  /// @param after where the read began
  /// @param upTo the last change looked at
  private record Piece(LogId log, List<Change> changes, EventId after, EventId upTo) {}

  void replay(Command.Replay command) {
    Consumer<Outcome> answer = answer(command.replyTo());
    long epoch = permission.epoch();
    permission.toFollow(
        principal(command.replyTo()),
        command.interest(),
        each ->
            reads.read(() -> piece(command), piece -> show(command, piece, each, epoch), answer),
        answer);
  }

  private void show(Command.Replay command, Piece piece, boolean each, long epoch) {
    Consumer<Outcome> answer = answer(command.replyTo());
    Principal principal = principal(command.replyTo());
    if (epoch != permission.epoch()) {
      long now = permission.epoch();
      permission.toFollow(
          principal, command.interest(), judged -> show(command, piece, judged, now), answer);
      return;
    }
    Outcome.Replayed all = published(piece);
    List<Change> shown =
        each ? rows.show(principal, command.interest().face(), all.changes()) : all.changes();
    answer.accept(new Outcome.Replayed(shown, all.upTo(), all.atHead()));
  }

  /// The log's head is asked for first: when the read comes to the end it has looked that far.
  private Piece piece(Command.Replay command) {
    EventId known = command.after();
    String collection = command.interest().collection();
    Places.Place place = known == null ? places.oldest(collection) : places.find(known);
    LogId log = place.position().log();
    var page = new Page<Change>(command.max(), pageBytesMax, Browsing::bytesOf);
    EventId upTo = place.id();
    boolean end = false;
    long from = place.position().offset() + 1;
    for (int slice = page.slice(); slice > 0 && !end; slice = page.slice()) {
      List<Change> found = read(log, collection, from, slice);
      for (Change each : found) {
        page.add(each, each.operation() != Operation.OPEN);
        upTo = each.id();
        from = each.position().offset() + 1;
      }
      end = found.size() < slice;
    }
    EventId head = place.log().headId();
    boolean further = end && head.compareTo(upTo) > 0;
    return new Piece(log, page.items(), place.id(), further ? head : upTo);
  }

  private List<Change> read(LogId log, @Nullable String collection, long from, int changesMax) {
    try {
      return store.read(log, collection, from, changesMax);
    } catch (FreshetException e) {
      throw e.code() == ErrorCode.NOT_FOUND ? Places.expired() : e;
    }
  }

  private Outcome.Replayed published(Piece piece) {
    EventId head = journal.headId(piece.log);
    if (head == null || head.compareTo(piece.upTo) > 0) {
      return new Outcome.Replayed(piece.changes, piece.upTo, head == null);
    }
    EventId upTo = head.compareTo(piece.after) > 0 ? head : piece.after;
    return new Outcome.Replayed(
        piece.changes.stream().filter(each -> journal.covers(each.position())).toList(),
        upTo,
        true);
  }

  private static long bytesOf(Listed listed) {
    return listed.document().data().encodedBytes();
  }

  private static long bytesOf(Change change) {
    return (long) change.before().data().encodedBytes() + change.after().data().encodedBytes();
  }
}
