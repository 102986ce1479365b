// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.gate.DoorReply;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.JudgedDoor.Opening;
import io.freshet.server.session.Credentials;
import io.freshet.server.session.Desk;
import io.freshet.server.stream.StreamWish;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One handshake on its way to an answer: whose key it is, what is wanted, and its stream's place.
///
/// Threading: each step on the thread that finished the one before.
final class Admittance {
  private static final Logger log = LoggerFactory.getLogger(Admittance.class);
  private static final int VERSION_CHARACTERS_MAX = 20;
  private static final String TOO_MANY = "This user has too many connections; close some";

  private final PulseDoor door;
  private final Desk desk;
  private final Handshake handshake;
  private final Credentials credentials;
  private final CompletableFuture<Opening> answer = new CompletableFuture<>();

  Admittance(PulseDoor door, Handshake handshake) {
    this.door = door;
    this.desk = door.parts().desk();
    this.handshake = handshake;
    this.credentials =
        Credentials.of(handshake.headers(), handshake.peer(), door.parts().proxies(), door.path());
  }

  CompletionStage<Opening> judge() {
    Runnable inTime =
        desk.after(
            door.parts().options().openWithin(),
            () -> refuse(ErrorCode.OVERLOADED, "The stream could not be opened in time"));
    var _ = answer.whenComplete((_, _) -> inTime.run());
    long mark = door.parts().connections().mark();
    door.parts()
        .authenticator()
        .authenticate(credentials.attempt())
        .whenComplete((verdict, failure) -> {
          if (failure != null) {
            fail(failure);
          } else {
            judged(verdict, mark);
          }
        });
    return answer;
  }

  private void judged(Verdict verdict, long mark) {
    switch (verdict) {
      case Accepted login when !door.parts().connections().hasRoom(login.userId()) ->
          refuse(ErrorCode.LIMIT_REACHED, TOO_MANY);
      case Accepted login -> readOn(login, mark);
      case Verdict.Refused _, Verdict.NotMine _ ->
          refuse(ErrorCode.UNAUTHENTICATED, PulseRefusal.UNAUTHENTICATED);
      case Verdict.Later later ->
          refuse(ErrorCode.RATE_LIMITED, PulseRefusal.later(later.retryAfter()));
    }
  }

  private void readOn(Accepted login, long mark) {
    try {
      desk.blocking()
          .execute(() -> {
            try {
              open(door.read(handshake), login, mark);
            } catch (FreshetException e) {
              refuse(e.code(), PulseRefusal.of(e));
            } catch (RuntimeException | Error failure) {
              fail(failure);
            }
          });
    } catch (RejectedExecutionException e) {
      refuse(ErrorCode.SHUTTING_DOWN, "The server is stopping");
    }
  }

  private void open(PulseWish wish, Accepted login, long mark) {
    var holder = new PulseHolder(client());
    var terms =
        new StreamTerms(
            wish.collection(),
            wish.name(),
            Start.Latest.LATEST,
            false,
            door.kind() == PulseKind.SUBSCRIBE,
            wish.filter().deleteMembers());
    var principal = new Principal(login.userId(), login.serverData(), login.clientData());
    desk.askShortly(principal, reply -> new Command.OpenStream(reply, terms, holder))
        .whenComplete((outcome, failure) -> {
          if (failure != null) {
            fail(failure);
          } else {
            answered(outcome, new Admitted(login, principal, mark, wish, terms, holder));
          }
        });
  }

  private record Admitted(
      Accepted login,
      Principal principal,
      long mark,
      PulseWish wish,
      StreamTerms terms,
      PulseHolder holder) {}

  private void answered(Outcome outcome, Admitted admitted) {
    switch (outcome) {
      case Outcome.StreamOpened opened -> admit(opened, admitted);
      case Outcome.Lost(ErrorCode code, String message, var _) -> refuse(code, message);
      case Outcome.Refused(ErrorCode code, String message) -> refuse(code, message);
      case Outcome _ -> fail(DoorReply.unexpected(outcome));
    }
  }

  private void admit(Outcome.StreamOpened opened, Admitted admitted) {
    var entry =
        new PulseEntry(
            admitted.login,
            admitted.principal,
            admitted.mark,
            credentials.remoteAddress(),
            admitted.wish,
            streamWish(admitted),
            opened,
            admitted.holder);
    Runnable giveBack = () -> giveBack(opened, admitted.principal);
    var accepted =
        new Opening.Accepted(
            connection ->
                PulseSocket.begin(
                    connection,
                    door.loop(connection.eventLoop()),
                    entry,
                    giveBack,
                    door.parts().nanoTime().getAsLong()),
            giveBack);
    if (!answer.complete(accepted)) {
      giveBack.run();
    }
  }

  /// Only a stream with a name can go on from somewhere, so only there it pays to wait for
  /// acknowledgements.
  private StreamWish streamWish(Admitted admitted) {
    var bounds = door.parts().options().streams();
    boolean windowed = admitted.wish.name() != null;
    return new StreamWish(
        admitted.terms,
        admitted.wish.filter().filter(),
        switch (door.kind()) {
          case STREAM -> StreamWish.Mode.STREAM;
          case SUBSCRIBE -> StreamWish.Mode.SUBSCRIBE;
        },
        windowed ? bounds.windowEvents() : StreamWish.UNBOUNDED,
        bounds.windowBytes(),
        true);
  }

  /// Nobody will have the stream: its name and its place are free again.
  private void giveBack(Outcome.StreamOpened opened, Principal principal) {
    desk.askShortly(
            principal,
            reply -> new Command.CloseStream(reply, opened.ticket(), opened.highestSent()))
        .whenComplete((_, failure) -> {
          if (failure != null) {
            log.error("a stream could not be given back; please report this", failure);
          }
        });
  }

  // Refusals.

  private void refuse(ErrorCode code, String message) {
    refuse(code, PulseRefusal.of(code, message));
  }

  private void refuse(ErrorCode code, PulseRefusal why) {
    String requestId = desk.nextId();
    if (answer.complete(new Opening.Refused(why.answer(requestId)))) {
      door.shared().meter().refused(code);
      log.info(
          "{} refused to {}: {} {} (request {})",
          door.path(),
          credentials.remoteAddress(),
          code,
          why.message(),
          requestId);
    }
  }

  private void fail(Throwable failure) {
    log.error("{} failed", door.path(), failure);
    refuse(ErrorCode.INTERNAL, PulseRefusal.INTERNAL);
  }

  /// For people.
  private String client() {
    String version =
        handshake.headers().stream()
            .filter(header -> header.getKey().equalsIgnoreCase("prisma-client-version"))
            .map(Map.Entry::getValue)
            .filter(text -> text.length() <= VERSION_CHARACTERS_MAX)
            .findFirst()
            .orElse("?");
    return "Prisma %s at %s".formatted(version, credentials.remoteAddress());
  }
}
