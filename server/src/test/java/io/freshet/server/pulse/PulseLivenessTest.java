// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.gate.EngineHarness;
import io.freshet.server.session.Desk;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.stream.StreamMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whether a client is still there, by a clock that the test sets.
final class PulseLivenessTest extends EngineHarness implements PulseMeter {
  private static final Duration STEP = Duration.ofSeconds(1);
  private static final long HEARTBEATS = PulseOptions.HEARTBEAT.toSeconds();

  private final List<Ended> ends = new ArrayList<>();
  private final Desk desk = new Desk(inbox(), Runnable::run, 1);
  private final PulseDoor door =
      PulseDoor.stream(
          new PulseDoor.Parts(
              new PulseOptions(
                  PulseModels.NONE,
                  new DoorBounds(
                      PulseOptions.HEARTBEAT,
                      PulseOptions.IN_FLIGHT_MAX,
                      PulseOptions.IN_FLIGHT_BYTES_MAX,
                      1 << 20),
                  StreamBounds.DEFAULT,
                  PulseOptions.OPEN_WITHIN),
              inbox(),
              desk,
              new OpenAuthenticator(),
              new TrustedProxies(List.of()),
              connections,
              () -> nowNanos,
              collection -> null),
          this,
          StreamMeter.NONE);

  PulseLivenessTest() {
    super(Guard.OPEN);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private PulseClient client(String name) throws Exception {
    return new PulseClient(this, door, name).begin();
  }

  /// So many seconds in which nothing is heard of it.
  private List<String> silence(PulseClient client, long seconds) {
    for (long i = 0; i < seconds && !client.closed; i++) {
      client.tick(STEP);
      settle();
    }
    return client.take();
  }

  @Test
  void aClientThatSaysNothingIsAskedOnceAndThenClosed() throws Exception {
    PulseClient mute = client("s");
    assertEquals(List.of(), silence(mute, HEARTBEATS));
    assertEquals(List.of("ping"), silence(mute, HEARTBEATS));
    assertFalse(mute.closed);
    silence(mute, 2);
    assertTrue(mute.closed);
    assertEquals(List.of(Ended.SILENT), ends);
    settle();
    assertEquals(0, engine.streams().open());
  }

  @Test
  void aClientThatAnswersIsLeftAlone() throws Exception {
    PulseClient well = client("s");
    for (int i = 0; i < 5; i++) {
      assertEquals(List.of("ping"), silence(well, HEARTBEATS + 2));
      well.pong();
    }
    for (int i = 0; i < 5; i++) {
      silence(well, HEARTBEATS + 2);
      well.say("{\"type\":\"ack\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}");
    }
    assertFalse(well.closed);
    assertEquals(1, engine.streams().open());
  }

  /// A client that lost its connection is back after six and a half seconds: five until it notices,
  /// one that it waits for the pong, and a half. Nobody has told the server.
  @Test
  void aClientThatIsBackAfterSixSecondsHasItsNameASecondLater() throws Exception {
    PulseClient halfOpen = client("s");
    silence(halfOpen, 7);
    PulseClient back = new PulseClient(this, door, "s");
    assertEquals(List.of("ping"), halfOpen.take());
    assertFalse(back.isAnswered());
    timersRing();
    back.begin();
    settle();
    assertTrue(halfOpen.closed);
    assertEquals(PulseSocket.POLICY, halfOpen.closeCode);
    assertEquals(List.of(Ended.STREAM), ends);
    assertEquals(1, engine.streams().open());
  }

  /// It has been silent for long, too, but it is there.
  @Test
  void aClientThatHasBeenSilentForLongKeepsItsNameIfItAnswers() throws Exception {
    PulseClient incumbent = client("s");
    silence(incumbent, HEARTBEATS - 1);
    PulseClient second = new PulseClient(this, door, "s");
    assertEquals(List.of("ping"), incumbent.take());
    incumbent.pong();
    assertTrue(second.refusal().contains("P6100"), second::toString);
    timersRing();
    assertFalse(incumbent.closed);
    assertEquals(1, engine.streams().open());
  }

  @Override
  public void ended(Ended why) {
    ends.add(why);
  }

  @Override
  public void refused(ErrorCode code) {}

  @Override
  public void subscriptions(long change) {}

  @Override
  public void mismatched(int values) {}

  @Override
  public void notShown() {}

  @Override
  public void ignored() {}

  @Override
  public void backlog(long change) {}
}
