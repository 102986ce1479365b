// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.follow.CollectionReads;
import io.freshet.engine.follow.Journal;
import io.freshet.engine.follow.Permission;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.listen.Timers;
import io.freshet.engine.stream.CursorMove;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who has which stream, and where the named ones stand.
///
/// A stream is opened step by step: may its session read the collection, is there room for one
/// more, is its name free (or its holder gone), where does it begin. The last step leases the
/// cursor, on a thread that may block; meanwhile the name is kept. If its place is kept for another
/// collection, that one must be readable, too.
///
/// A cursor is fenced twice: by the ticket, which is forgotten here when the stream is over, and by
/// the lease in the store.
///
/// Threading: the engine's thread only, except for the figures.
public final class Streams {
  private final StreamOptions options;
  private final Store store;
  private final Sources sources;
  private final Outbox outbox;
  private final CollectionReads collections;
  private final Journal journal;
  private final Beginnings beginnings;
  private final Keeping keeping;
  private final OpenStreams open;
  private final Names names;

  /// Those that have not been answered; bounded by the commands under way.
  private final Map<Session, List<Opening>> openings = new HashMap<>();

  private long lastNumber;

  public Streams(
      Store store,
      Sources sources,
      Outbox outbox,
      Timers timers,
      CollectionReads collections,
      StreamOptions options) {
    this.options = options;
    this.store = store;
    this.sources = sources;
    this.outbox = outbox;
    this.collections = collections;
    this.journal = collections.journal();
    this.beginnings = new Beginnings(store, sources);
    this.keeping = new Keeping(store, beginnings);
    this.open = new OpenStreams(options.perCollectionMax());
    this.names = new Names(timers, options.signWithin(), this::evict);
  }

  public void handle(Command.OfStreams command) {
    switch (command) {
      case Command.OpenStream begin -> new Opening(begin).start();
      case Command.MoveCursors(ReplyTo replyTo, List<CursorMove> moves) -> {
        moves.forEach(this::move);
        outbox.answer(replyTo, new Outcome.Heads(journal.position()));
      }
      case Command.StreamSign(StreamTicket ticket) -> names.sign(ticket);
      case Command.CloseStream(ReplyTo replyTo, StreamTicket ticket, EventId highestSent) -> {
        close(ticket, highestSent);
        outbox.answer(replyTo, Outcome.Done.DONE);
      }
      case Command.ListStreams(ReplyTo replyTo) -> list(replyTo);
      case Command.ResetStream reset -> {
        Map<LogId, EventId> heads = journal.heads();
        change(
            reset.replyTo(), reset.name(), () -> keeping.reset(reset.name(), reset.start(), heads));
      }
      case Command.DeleteStream delete ->
          change(
              delete.replyTo(),
              delete.name(),
              () -> {
                keeping.delete(delete.name());
                sources.cancel(delete.name());
              });
    }
  }

  /// The session is gone: its streams are over.
  public void leave(Session session) {
    for (Opening each : List.copyOf(openings.getOrDefault(session, List.of()))) {
      each.revoke();
    }
    for (Held each : open.of(session)) {
      end(each, each.holder.figures().considered());
    }
  }

  /// A log begins anew: what comes now does not go on from what came before.
  ///
  /// @param state of the new epoch
  public void gap(LogId log, LogState state, String reason) {
    journal.begin(state);
    for (Held each : List.copyOf(open.all())) {
      if (each.log.equals(log)) {
        each.holder.over(ErrorCode.SOURCE_GAP, reason);
        end(each, each.holder.figures().considered());
      }
    }
  }

  /// What is open, to be asked about again.
  public Iterator<Standing> standings() {
    return new Standings<>(
        open.all(),
        held -> {
          var parts = new ArrayList<Standing>(3);
          parts.add(new Open(held, Permission.actionOf(held.terms)));
          parts.add(new Open(held, GuardAction.READ));
          if (held.ticket.name() != null) {
            parts.add(new Open(held, GuardAction.STREAM_NAME));
          }
          return parts;
        });
  }

  private final class Open implements Standing {
    private final Held held;
    private final GuardAction action;

    Open(Held held, GuardAction action) {
      this.held = held;
      this.action = action;
    }

    @Override
    public Principal principal() {
      return held.session.principal();
    }

    @Override
    public Face face() {
      return Face.STREAMS;
    }

    @Override
    public GuardAction action() {
      return action;
    }

    @Override
    public @Nullable Subject subject() {
      StreamTicket ticket = held.ticket;
      if (open.find(ticket) == null) {
        return null;
      }
      return action == GuardAction.READ
          ? new Subject.OfName(ticket.collection(), null)
          : new Subject.OfStream(ticket.collection(), ticket.name());
    }

    @Override
    public void refused(ErrorCode code, String message) {
      held.holder.over(code, message);
      end(held, held.holder.figures().considered());
    }
  }

  /// How many are open; roughly, from any thread.
  public int open() {
    return open.count();
  }

  /// A place beyond what is published, or in another log, was never sent to anybody.
  private void move(CursorMove move) {
    Held held = open.find(move.ticket());
    EventId place = move.place();
    EventId head = held == null ? null : journal.headId(held.log);
    if (held == null
        || head == null
        || place.tag() != held.place.tag()
        || place.compareTo(held.place) <= 0
        || place.compareTo(head) > 0) {
      return;
    }
    String name = held.ticket.name();
    if (name == null || advance(held, name, place)) {
      held.place = place;
    }
  }

  private boolean advance(Held held, String name, EventId place) {
    try {
      boolean leased = store.cursors().advance(name, held.ticket.lease(), place);
      if (!leased) {
        evict(held);
      }
      return leased;
    } catch (FreshetException e) {
      // The store does not work: the place stays, and is moved with the next acknowledgement.
      return false;
    }
  }

  /// Its place is somebody else's.
  private void evict(Held held) {
    held.holder.evicted();
    end(held, held.holder.figures().considered());
  }

  private void close(StreamTicket ticket, @Nullable EventId highestSent) {
    Held held = open.find(ticket);
    if (held != null) {
      end(held, highestSent);
    }
  }

  /// @param sent acknowledgements up to here count in the next life; what was looked at and not
  ///   sent needed none
  private void end(Held held, @Nullable EventId sent) {
    open.remove(held);
    String name = held.ticket.name();
    if (name != null) {
      names.sent(name, sent);
      names.free(name);
    }
  }

  private void list(ReplyTo replyTo) {
    List<Keeping.Snapshot> held = open.all().stream().map(Keeping.Snapshot::new).toList();
    collections
        .reads()
        .read(
            () -> new Outcome.Streams(keeping.list(held)),
            states -> outbox.answer(replyTo, states),
            refusal -> outbox.answer(replyTo, refusal));
  }

  /// Changes a cursor that nobody has.
  private void change(ReplyTo replyTo, String name, Runnable action) {
    if (!names.keep(name)) {
      outbox.answer(replyTo, nameInUse(name));
      return;
    }
    collections
        .reads()
        .read(
            () -> {
              action.run();
              return Outcome.Done.DONE;
            },
            done -> {
              names.forgetSent(name);
              names.free(name);
              outbox.answer(replyTo, done);
            },
            refusal -> {
              names.free(name);
              outbox.answer(replyTo, asRefused(refusal));
            });
  }

  private static Outcome asRefused(Outcome outcome) {
    return outcome instanceof Outcome.Lost lost
        ? new Outcome.Refused(lost.code(), lost.message())
        : outcome;
  }

  private static Outcome.Refused nameInUse(String name) {
    return new Outcome.Refused(
        ErrorCode.NAME_IN_USE,
        "The stream " + name + " has a client; stop that one, or use another name");
  }

  private final class Opening implements Names.Wanting {
    private final Command.OpenStream command;
    private final StreamTerms terms;

    /// Whether its session is gone.
    private boolean revoked;

    /// Of the rules that it was allowed by.
    private long epoch;

    /// Whether it has a place in its collection's limit; then its name is kept as well.
    private boolean reserved;

    Opening(Command.OpenStream command) {
      this.command = command;
      this.terms = command.terms();
    }

    void start() {
      Outcome.Refused refusal = refusal();
      if (refusal != null) {
        outbox.answer(command.replyTo(), refusal);
        return;
      }
      Session session = command.replyTo().session();
      openings.computeIfAbsent(session, s -> new ArrayList<>(1)).add(this);
      epoch = collections.permission().epoch();
      ask(terms.collection(), this::permitted, this::answer);
    }

    private void ask(String collection, Runnable then, Consumer<Outcome> otherwise) {
      Principal principal = command.replyTo().session().principal();
      collections.permission().toStream(principal, terms, collection, then, otherwise);
    }

    private Outcome.@Nullable Refused refusal() {
      if (!options.enabled()) {
        return new Outcome.Refused(
            ErrorCode.STREAMS_DISABLED, "Streams are turned off here; set streams.enabled");
      }
      if (!DocumentKey.isCollection(terms.collection())) {
        return new Outcome.Refused(
            ErrorCode.UNKNOWN_COLLECTION, "This cannot be the name of a collection");
      }
      String name = terms.name();
      try {
        if (name != null) {
          DocumentKey.requireName(name);
        }
        return null;
      } catch (FreshetException e) {
        return new Outcome.Refused(e.code(), String.valueOf(e.getMessage()));
      }
    }

    /// A stream that is to take the place of another one needs no further one.
    private void permitted() {
      String name = terms.name();
      boolean follows = name != null && names.isHeldFor(terms.collection(), name);
      if (revoked) {
        answer(gone());
      } else if (!follows && !open.hasRoom(terms.collection())) {
        answer(limitReached());
      } else if (name == null) {
        begin();
      } else {
        names.want(name, this);
      }
    }

    private Outcome.Refused limitReached() {
      return new Outcome.Refused(
          ErrorCode.LIMIT_REACHED,
          "There are "
              + options.perCollectionMax()
              + " streams of this collection, no more are allowed; stop one, or raise"
              + " streams.maxPerCollection");
    }

    @Override
    public void granted() {
      if (open.hasRoom(terms.collection())) {
        begin();
      } else {
        fail(limitReached());
      }
    }

    @Override
    public void refused() {
      answer(nameInUse(String.valueOf(terms.name())));
    }

    private void begin() {
      open.reserve(terms.collection());
      reserved = true;
      find(null);
    }

    private void find(@Nullable String allowed) {
      Map<LogId, EventId> heads = journal.heads();
      collections
          .reads()
          .read(() -> beginnings.begin(terms, heads, allowed), this::found, this::fail);
    }

    /// Whoever takes a name over can move its place: so it must be allowed to read what the place
    /// was kept for.
    private void found(Beginnings.Found found) {
      if (revoked) {
        fail(gone());
        return;
      }
      switch (found) {
        case Beginnings.Begun begun -> begun(begun);
        case Beginnings.Elsewhere(String collection) ->
            ask(collection, () -> find(collection), this::fail);
      }
    }

    /// The rules may have been replaced meanwhile.
    private void begun(Beginnings.Begun begun) {
      if (epoch != collections.permission().epoch()) {
        epoch = collections.permission().epoch();
        ask(terms.collection(), () -> begun(begun), this::fail);
        return;
      }
      String name = terms.name();
      var ticket = new StreamTicket(++lastNumber, terms.collection(), name, begun.lease());
      Session session = command.replyTo().session();
      var held = new Held(ticket, terms, session, command.holder(), begun.log(), begun.place());
      open.add(held);
      EventId highestSent = null;
      if (name != null) {
        names.hold(name, held);
        highestSent = names.highestSent(name);
      }
      answer(
          new Outcome.StreamOpened(
              ticket, begun.after(), begun.resumed(), highestSent, begun.snapshot()));
    }

    /// Gives back what it was given.
    private void fail(Outcome outcome) {
      if (reserved) {
        open.release(terms.collection());
      }
      answer(outcome);
      String name = terms.name();
      if (name != null) {
        names.free(name);
      }
    }

    void revoke() {
      revoked = true;
      String name = terms.name();
      if (name != null && names.withdraw(name, this)) {
        answer(gone());
      }
    }

    private static Outcome.Refused gone() {
      return new Outcome.Refused(ErrorCode.UNAVAILABLE, "The connection is gone");
    }

    private void answer(Outcome outcome) {
      openings.computeIfPresent(
          command.replyTo().session(),
          (session, all) -> all.remove(this) && all.isEmpty() ? null : all);
      outbox.answer(command.replyTo(), outcome);
    }
  }
}
