// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Watched;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.listen.Listening;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Subscribing to several documents at once: load them all, ask the guard for each, open the
/// missing ones if asked to, and then, in one step of the engine, take the committed states,
/// register the watcher and answer. Everything before that step may take its time; nothing
/// published in between is missed, because the states are taken last.
final class Watches {
  /// Rounds of opening: a document deleted between its opening and the answer is opened again.
  private static final int ROUNDS_MAX = 4;

  private final Slots slots;
  private final Sources sources;
  private final Writes writes;
  private final Guarding guarding;
  private final Outbox outbox;
  private final Listening listening;
  private boolean renewing;

  Watches(
      Slots slots,
      Sources sources,
      Writes writes,
      Guarding guarding,
      Outbox outbox,
      Listening listening) {
    this.slots = slots;
    this.sources = sources;
    this.writes = writes;
    this.guarding = guarding;
    this.outbox = outbox;
    this.listening = listening;
  }

  void watch(Command.Watch command) {
    new Task(command).start();
  }

  void unwatch(Session session, List<DocumentKey> keys) {
    for (DocumentKey key : keys) {
      Slot slot = slots.existing(key);
      if (slot != null && slot.watchers.remove(session) && slot.watchers.isEmpty()) {
        listening.unwatched(key);
        slots.released(slot);
      }
    }
  }

  /// A deletion ends every watch of the document.
  void dropAll(Slot slot) {
    if (!slot.watchers.isEmpty()) {
      slot.watchers.clear();
      listening.unwatched(slot.key);
    }
  }

  // When something changes that was allowed.

  /// Asks again whether those who watch a document may read it, now that it is about to be shown to
  /// them in this state. Where the rule looks at nothing that changes, only while it is not known
  /// yet what new rules say. A rule that wants to see other documents is left to those who load
  /// them.
  void judge(Slot slot, Document document) {
    boolean content = guarding.looksAtContent(Face.RECORDS, slot.key);
    if (document.isRecord() && (content || renewing)) {
      boolean same = guarding.isSameForAll(Face.RECORDS, slot.key);
      GuardAnswer first = null;
      for (Session session : slot.watchers.sessions()) {
        GuardAnswer answer = same && first != null ? first : ask(session, document);
        first = answer;
        Decision refusal = Decider.of(answer);
        if (refusal instanceof Decision.Rejected(ErrorCode code, String message)) {
          end(session, slot.key, code, message);
        }
      }
    }
  }

  private GuardAnswer ask(Session session, Document document) {
    var subject = new Subject.OfDocument(document, document);
    return guarding.ask(session.principal(), Face.RECORDS, GuardAction.READ, subject, Map.of());
  }

  /// Whether open things are being asked about because the rules have changed.
  void renewing(boolean yes) {
    renewing = yes;
  }

  private void end(Session session, DocumentKey key, ErrorCode code, String message) {
    Slot slot = slots.existing(key);
    if (slot != null && slot.watchers.has(session)) {
      unwatch(session, List.of(key));
      outbox.add(
          session.outlet(), new FeedItem.NoMore(session, new Ended.Watch(key), code, message));
    }
  }

  /// Every document that is watched, by every session that watches it.
  Iterator<Standing> standings() {
    return new Standings<>(
        slots.watched(),
        key -> {
          Slot slot = slots.existing(key);
          return slot == null
              ? List.of()
              : slot.watchers.sessions().stream()
                  .map(session -> new Watching(session, key))
                  .toList();
        });
  }

  private final class Watching implements Standing {
    private final Session session;
    private final DocumentKey key;

    Watching(Session session, DocumentKey key) {
      this.session = session;
      this.key = key;
    }

    @Override
    public Principal principal() {
      return session.principal();
    }

    @Override
    public Face face() {
      return Face.RECORDS;
    }

    @Override
    public GuardAction action() {
      return GuardAction.READ;
    }

    @Override
    public @Nullable DocumentKey wanted() {
      Slot slot = slots.existing(key);
      boolean known = slot == null || slot.committed != null;
      return known || !guarding.looksAtContent(Face.RECORDS, key) ? null : key;
    }

    @Override
    public @Nullable Subject subject() {
      Slot slot = slots.existing(key);
      if (slot == null || !slot.watchers.has(session)) {
        return null;
      }
      Document known = slot.committed;
      Document document = known == null ? Document.missing(key) : known;
      return new Subject.OfDocument(document, document);
    }

    @Override
    public void refused(ErrorCode code, String message) {
      end(session, key, code, message);
    }
  }

  private final class Task {
    private final Command.Watch command;
    private final List<Slot> wanted = new ArrayList<>();

    /// Per wanted document; null while it is allowed.
    private final List<Outcome.@Nullable Rejected> refusals = new ArrayList<>();

    private final Map<DocumentKey, Document> loaded = new HashMap<>();
    private int outstanding;
    private int rounds;

    /// Of the rules that it was judged by.
    private long epoch;

    Task(Command.Watch command) {
      this.command = command;
    }

    void start() {
      for (DocumentKey key : command.keys()) {
        Slot slot = slots.use(key);
        slot.pins++;
        wanted.add(slot);
        refusals.add(null);
      }
      awaitAll(this::expire);
    }

    /// Documents whose time is over are deleted first.
    private void expire() {
      var over = new ArrayList<Integer>(0);
      for (int i = 0; i < wanted.size(); i++) {
        Document document = wanted.get(i).committed;
        if (document != null && document.isExpired(guarding.nowMs())) {
          over.add(i);
        }
      }
      if (over.isEmpty()) {
        guard();
        return;
      }
      outstanding = over.size();
      for (int place : over) {
        writes.expire(wanted.get(place), outcome -> written(place, outcome, this::guard));
      }
    }

    /// Runs the step once every wanted document is loaded.
    private void awaitAll(Runnable step) {
      outstanding = wanted.size() + 1;
      for (int i = 0; i < wanted.size(); i++) {
        int place = i;
        slots.whenReady(wanted.get(i), () -> ready(place, step));
      }
      done(step);
    }

    private void ready(int place, Runnable step) {
      FreshetException failure = slots.loadFailure();
      Slot slot = wanted.get(place);
      if (slot.committed == null && failure != null) {
        refusals.set(place, rejected(failure.code(), String.valueOf(failure.getMessage()), slot));
      }
      done(step);
    }

    private void done(Runnable step) {
      if (--outstanding == 0) {
        step.run();
      }
    }

    private void guard() {
      epoch = guarding.epoch();
      var needs = new ArrayList<DocumentKey>();
      for (int i = 0; i < wanted.size(); i++) {
        Slot slot = wanted.get(i);
        Document document = slot.committed;
        if (refusals.get(i) != null || document == null) {
          continue;
        }
        Decision decision = guardOf(document);
        if (decision instanceof Decision.Needs(List<DocumentKey> keys)) {
          needs.addAll(keys);
        } else if (decision instanceof Decision.Rejected(ErrorCode code, String message)) {
          refusals.set(i, rejected(code, message, slot));
        }
      }
      if (needs.isEmpty()) {
        open();
      } else if (++rounds <= Guarding.ROUNDS_MAX) {
        guarding.load(needs, loaded, this::guard);
      } else {
        refuseAll(Guarding.TOO_MANY_ROUNDS);
      }
    }

    private @Nullable Decision guardOf(Document document) {
      var check = guarding.check(command.replyTo().session().principal(), Face.RECORDS, loaded);
      Decision decision =
          opens(document) ? Decider.of(check.ask(GuardAction.CREATE, document, document)) : null;
      return decision != null
          ? decision
          : Decider.of(check.ask(GuardAction.READ, document, document));
    }

    /// A row that is not there cannot be opened: it is watched as it is.
    private boolean opens(Document document) {
      return command.open()
          && !document.isRecord()
          && sources.of(document.key().collection()) == null;
    }

    private void refuseAll(String message) {
      for (int i = 0; i < wanted.size(); i++) {
        if (refusals.get(i) == null) {
          refusals.set(i, rejected(ErrorCode.PERMISSION_ERROR, message, wanted.get(i)));
        }
      }
      answer();
    }

    private void open() {
      rounds = 0;
      openMissing();
    }

    private void openMissing() {
      var missing = new ArrayList<Integer>();
      for (int i = 0; command.open() && rounds < ROUNDS_MAX && i < wanted.size(); i++) {
        Document document = wanted.get(i).committed;
        if (refusals.get(i) == null && (document == null || opens(document))) {
          missing.add(i);
        }
      }
      if (missing.isEmpty()) {
        if (epoch == guarding.epoch()) {
          answer();
        } else {
          rounds = 0;
          guard();
        }
        return;
      }
      rounds++;
      outstanding = missing.size();
      for (int place : missing) {
        Slot slot = wanted.get(place);
        writes.write(
            slot,
            new Command.Open(command.replyTo(), slot.key),
            outcome -> written(place, outcome, this::openMissing));
      }
    }

    private void written(int place, Outcome outcome, Runnable step) {
      if (outcome instanceof Outcome.Rejected rejection) {
        refusals.set(place, rejection);
      }
      done(() -> awaitAll(step));
    }

    /// The one step that must not be divided.
    private void answer() {
      Session session = command.replyTo().session();
      var results = new ArrayList<Watched>(wanted.size());
      var first = new ArrayList<DocumentKey>();
      for (int i = 0; i < wanted.size(); i++) {
        Slot slot = wanted.get(i);
        slot.pins--;
        Outcome.Rejected refusal = refusals.get(i);
        Document document = slot.committed;
        if (refusal != null || document == null) {
          results.add(new Watched.Refused(refusal != null ? refusal : unavailable(slot)));
        } else {
          if (slot.watchers.isEmpty()) {
            first.add(slot.key);
          }
          slot.watchers.add(session);
          results.add(new Watched.Snapshot(document, listening.hasProvider(slot.key)));
        }
      }
      outbox.answer(command.replyTo(), new Outcome.Watching(results));
      first.forEach(listening::watched);
    }
  }

  private static Outcome.Rejected unavailable(Slot slot) {
    return rejected(ErrorCode.UNAVAILABLE, "The document could not be loaded; try again", slot);
  }

  private static Outcome.Rejected rejected(ErrorCode code, String message, Slot slot) {
    Document current = slot.committed;
    return new Outcome.Rejected(
        code, message, current != null ? current : Document.missing(slot.key));
  }
}
