// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When a connection is opened, kept and given up, with time and chance as the test has them.
@Timeout(60)
class ConnectionTest {
  private static final Backoff BACKOFF = new Backoff(100, 1_000);
  private static final long TIMEOUT_MS = 5_000;
  private static final int ABNORMAL = 1006;

  private final ManualTiming timing = new ManualTiming();
  private final Hub hub = new Hub(timing, 1000, () -> {}, why -> {});
  private final List<TestWire> wires = new ArrayList<>();
  private final Told told = new Told();

  /// What the connection says to its wire, and the wire's end of it.
  private static final class TestWire implements Wire {
    final Owner owner;
    final List<String> sent = new ArrayList<>();
    boolean isClosed;
    long beatMs;

    TestWire(Owner owner) {
      this.owner = owner;
    }

    @Override
    public void send(String frame) {
      sent.add(frame);
    }

    @Override
    public void ping(Runnable answered) {
      throw new UnsupportedOperationException("nothing here asks for it");
    }

    @Override
    public void beat(long intervalMs) {
      beatMs = intervalMs;
    }

    @Override
    public void pump() {
      // Everything is where it belongs already.
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  private static final class Told implements Connection.Owner {
    final List<String> states = new ArrayList<>();
    final List<Long> waits = new ArrayList<>();
    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    final List<String> frames = new ArrayList<>();
    int ups;
    int downs;
    @Nullable String over;

    @Override
    public void changed(ConnectionEvent event) {
      states.add(event.state() + (event.attempt() == 0 ? "" : " " + event.attempt()));
      if (event.state() == ConnectionState.RECONNECTING) {
        waits.add(event.delay().toMillis());
      }
    }

    @Override
    public void up() {
      ups++;
    }

    @Override
    public void down(int code) {
      downs++;
    }

    @Override
    public void received(Frame frame) {
      frames.add(frame.type());
    }

    @Override
    public void over(FreshetClientException why, boolean isWanted) {
      over = why.code() + (isWanted ? ", as was wanted" : "");
    }

    @Override
    public void failed(FreshetClientException why) {
      failures.add(why.code());
    }
  }

  private Connection connection(int attempts) {
    return connection(attempts, null, false);
  }

  private Connection connection(int attempts, @Nullable TokenSupplier token, boolean isRenewable) {
    var settings =
        new Connection.Settings(
            URI.create("ws://127.0.0.1:1/ws"),
            token,
            isRenewable,
            attempts,
            BACKOFF,
            Duration.ofMillis(TIMEOUT_MS));
    return new Connection(
        hub,
        owner -> {
          var wire = new TestWire(owner);
          wires.add(wire);
          return wire;
        },
        settings,
        told);
  }

  private TestWire wire() {
    return hub.locked(wires::getLast);
  }

  private int count() {
    return hub.locked(wires::size);
  }

  private void falls(int code) {
    hub.locked(() -> wire().owner.ended(code, "fell"));
  }

  private void says(String json) {
    hub.locked(() -> wire().owner.received(TestLine.frame(json)));
  }

  private void welcome() {
    hub.locked(() -> wire().owner.opened());
    says("{'type':'welcome','heartbeatMs':7000}");
  }

  private static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(100_000); // the whole test has its time
    }
  }

  @Test
  void waitsDoubleUpToABoundAndAreSpread() {
    Connection connection = connection(100);
    hub.locked(connection::begin);
    for (double chance : new double[] {1, 1, 0, 0.5, 1, 1}) {
      timing.chance = chance;
      falls(ABNORMAL);
      int before = count();
      long wait = told.waits.getLast();
      timing.pass(wait - 1);
      assertEquals(before, count());
      timing.pass(1);
      assertEquals(before + 1, count());
    }
    assertEquals(List.of(100L, 200L, 200L, 600L, 1000L, 1000L), told.waits);
    assertEquals("RECONNECTING 6", told.states.getLast());
  }

  @Test
  void aConnectionThatHoldsForgetsTheFailures() {
    Connection connection = connection(100);
    hub.locked(connection::begin);
    for (int i = 0; i < 3; i++) {
      falls(ABNORMAL);
      timing.pass(told.waits.getLast());
    }
    welcome();
    assertEquals(7000, wire().beatMs);
    timing.pass(999);
    falls(ABNORMAL);
    assertEquals(800, told.waits.getLast(), "one that falls at once is no reason for hope");
    assertEquals("RECONNECTING 1", told.states.getLast());
    timing.pass(800);
    welcome();
    timing.pass(1000);
    falls(ABNORMAL);
    assertEquals(100, told.waits.getLast());
    assertEquals(List.of(2, 2), List.of(told.ups, told.downs));
  }

  @Test
  void givesUpAndBeginsAnewWhenItIsTold() throws Exception {
    Connection connection = connection(2);
    CompletableFuture<Void> connected = hub.locked(connection::connect);
    for (int i = 0; i < 2; i++) {
      falls(ABNORMAL);
      timing.pass(told.waits.getLast());
    }
    falls(ABNORMAL);
    assertEquals("UNAVAILABLE", TestLine.code(connected));
    assertEquals("UNAVAILABLE", told.over);
    assertTrue(told.failures.isEmpty(), "who waits is told, and nobody else");
    timing.pass(100_000);
    assertEquals(3, count());
    assertEquals(0, timing.waiting());

    connected = hub.locked(connection::connect);
    assertEquals(ConnectionState.CONNECTING, connection.state());
    welcome();
    TestLine.result(connected);
    assertEquals(ConnectionState.CONNECTED, connection.state());
  }

  @Test
  void connectDoesNotWaitForTheNextAttempt() throws Exception {
    Connection connection = connection(9);
    hub.locked(connection::begin);
    falls(ABNORMAL);
    CompletableFuture<Void> connected = hub.locked(connection::connect);
    assertEquals(2, count());
    timing.pass(1000);
    assertEquals(2, count());
    welcome();
    TestLine.result(connected);
  }

  @Test
  void aServerThatSaysNothingIsGivenUp() {
    Connection connection = connection(9);
    hub.locked(connection::begin);
    hub.locked(() -> wire().owner.opened());
    timing.pass(TIMEOUT_MS - 1);
    assertFalse(wire().isClosed);
    timing.pass(1);
    assertTrue(wires.getFirst().isClosed);
    assertEquals(List.of(100L), told.waits);
  }

  @Test
  void whatAnEarlierWireSaysIsLate() {
    Connection connection = connection(9);
    hub.locked(connection::begin);
    TestWire early = wire();
    falls(ABNORMAL);
    timing.pass(100);
    hub.locked(() -> {
      early.owner.received(TestLine.frame("{'type':'welcome'}"));
      early.owner.ended(4003, "no");
    });
    assertEquals(ConnectionState.RECONNECTING, connection.state());
    welcome();
    hub.locked(() -> {
      early.owner.received(TestLine.frame("{'type':'event'}"));
      early.owner.ended(ABNORMAL, "again");
    });
    assertEquals(ConnectionState.CONNECTED, connection.state());
    assertEquals(List.of(), told.frames);
  }

  @Test
  void aServerThatIsBusySaysHowLongToWait() {
    Connection connection = connection(9);
    hub.locked(connection::begin);
    hub.locked(() -> wire().owner.opened());
    says("{'type':'error','ref':'auth','code':'RATE_LIMITED','status':429,'retryAfterMs':3500}");
    assertEquals(List.of(3500L), told.waits);
  }

  @Test
  void someEndsAreFinal() {
    for (int code : new int[] {4001, 4003, 4009}) {
      Connection connection = connection(9);
      hub.locked(connection::begin);
      welcome();
      falls(code);
      assertEquals(ConnectionState.DISCONNECTED, connection.state());
    }
    assertEquals(
        List.of("UNAUTHENTICATED", "FORBIDDEN", "TOKEN_EXPIRED"), List.copyOf(told.failures));
    assertEquals(0, timing.waiting());
  }

  @Test
  void errorsGoToWhoeverTheyAreAbout() {
    Connection connection = connection(9);
    hub.locked(connection::begin);
    welcome();
    for (String about :
        List.of("'requestId'", "'ref'", "'streamId'", "'subscriptionId'", "'name'", "'pattern'")) {
      says("{'type':'error','code':'FORBIDDEN','status':403," + about + ":'x'}");
    }
    says("{'type':'error','code':'INVALID_JSON','status':400}");
    assertEquals(6, told.frames.size());
    assertEquals(List.of("INVALID_JSON"), List.copyOf(told.failures));
  }

  // Logins.

  private final AtomicInteger fetched = new AtomicInteger();

  private Token token() {
    return new Token("t" + fetched.incrementAndGet(), null);
  }

  private int shown() {
    return hub.locked(() -> wire().sent.size());
  }

  private void opened(int connections) {
    until(() -> count() == connections);
    hub.locked(() -> wire().owner.opened());
  }

  private void welcomeUntil(String type, long leftMs) {
    says("{'type':'" + type + "','ref':'auth','expiresAt':" + (timing.millis() + leftMs) + "}");
  }

  @Test
  void aTokenIsFetchedForEveryConnection() {
    Connection connection = connection(9, this::token, true);
    hub.locked(connection::begin);
    opened(1);
    assertEquals(List.of("{\"type\":\"auth\",\"ref\":\"auth\",\"token\":\"t1\"}"), wire().sent);
    says("{'type':'welcome'}");
    falls(ABNORMAL);
    timing.pass(100);
    opened(2);
    assertTrue(wire().sent.getFirst().contains("t2"));
  }

  @Test
  void aLoginIsRenewedInTime() {
    Connection connection = connection(9, this::token, true);
    hub.locked(connection::begin);
    opened(1);
    welcomeUntil("welcome", 1_000_000);
    timing.pass(969_999);
    assertEquals(1, shown());
    timing.pass(1);
    until(() -> shown() == 2);
    welcomeUntil("authenticated", 50_000);
    timing.pass(39_999);
    assertEquals(2, shown());
    timing.pass(1);
    until(() -> shown() == 3);
    assertEquals(1, told.ups);
    assertEquals(List.of(), List.copyOf(told.failures));
  }

  @Test
  void aRenewalThatIsRefusedIsReportedAndTriedAgain() {
    Connection connection = connection(9, this::token, true);
    hub.locked(connection::begin);
    opened(1);
    welcomeUntil("welcome", 100_000);
    timing.pass(80_000);
    until(() -> shown() == 2);
    says("{'type':'error','ref':'auth','code':'FORBIDDEN','status':403}");
    assertEquals(List.of("FORBIDDEN"), List.copyOf(told.failures));
    assertEquals(ConnectionState.CONNECTED, connection.state());
    timing.pass(16_000);
    until(() -> shown() == 3);
    timing.pass(TIMEOUT_MS);
    assertEquals(List.of("FORBIDDEN", "UNAVAILABLE"), List.copyOf(told.failures));
    falls(4009);
    assertEquals(ConnectionState.RECONNECTING, connection.state());
  }

  @Test
  void aRefusedLoginIsTriedWithNewTokensAndThenGivenUp() {
    Connection connection = connection(9, this::token, true);
    hub.locked(connection::begin);
    opened(1);
    for (int i = 1; i <= 3; i++) {
      int times = i;
      until(() -> shown() == times);
      assertEquals(ConnectionState.CONNECTING, connection.state());
      says("{'type':'error','ref':'auth','code':'UNAUTHENTICATED','status':401}");
    }
    assertEquals(ConnectionState.DISCONNECTED, connection.state());
    assertEquals(List.of("UNAUTHENTICATED"), List.copyOf(told.failures));
    assertEquals(3, fetched.get());
  }

  @Test
  void aTokenThatCannotBeRenewedIsTriedOnce() {
    Connection connection = connection(9, this::token, false);
    hub.locked(connection::begin);
    opened(1);
    says("{'type':'error','ref':'auth','code':'UNAUTHENTICATED','status':401}");
    assertEquals(ConnectionState.DISCONNECTED, connection.state());
    assertEquals(1, fetched.get());
  }

  @Test
  void aSupplierThatFailsIsAskedAgain() {
    Connection connection =
        connection(
            9,
            () -> {
              if (fetched.incrementAndGet() < 3) {
                throw new IllegalStateException("the identity provider is away");
              }
              return new Token("at last", null);
            },
            true);
    hub.locked(connection::begin);
    for (int failures = 1; failures < 3; failures++) {
      int times = failures;
      until(() -> hub.locked(() -> told.waits.size()) == times);
      timing.pass(told.waits.getLast());
    }
    opened(1);
    assertTrue(wire().sent.getFirst().contains("at last"));
  }

  @Test
  void aSupplierThatTakesTooLongCountsAsAFailure() throws Exception {
    var given = new CompletableFuture<Token>();
    Connection connection = connection(9, () -> given.get(30, TimeUnit.SECONDS), true);
    hub.locked(connection::begin);
    timing.pass(TIMEOUT_MS);
    assertEquals(ConnectionState.RECONNECTING, connection.state());
    given.complete(new Token("late", Instant.ofEpochMilli(timing.millis())));
    timing.pass(100);
    opened(1);
    assertTrue(wire().sent.getFirst().contains("late"));
  }
}
