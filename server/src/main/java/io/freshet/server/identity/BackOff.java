// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who has failed how often, by address; of IPv6 the first 64 bits, since one customer gets them
/// all. Bounded.
///
/// Threading: any thread; the lock is held for a look-up.
final class BackOff {
  private static final int IPV6_NETWORK_BYTES = 8;
  private static final Duration NEXT_TRY = Duration.ofMillis(100);

  private final LoginGate.Options options;
  private final InstantSource clock;

  /// In the order of the last failure.
  private final Map<String, Failures> byNetwork = new LinkedHashMap<>();

  private static final class Failures {
    int count;
    Instant lastFailure;
    Instant closedUntil;
    boolean trying;

    Failures(Instant now) {
      this.lastFailure = now;
      this.closedUntil = now;
    }
  }

  BackOff(LoginGate.Options options, InstantSource clock) {
    this.options = options;
    this.clock = clock;
  }

  /// An attempt begins, if it may.
  ///
  /// @return zero if it may, and [#end] must be called; otherwise how long to wait
  synchronized Duration begin(String address) {
    Instant now = clock.instant();
    Failures known = current(network(address), now);
    if (known == null || known.count < options.failuresFree()) {
      return Duration.ZERO;
    }
    if (now.isBefore(known.closedUntil)) {
      return Duration.between(now, known.closedUntil);
    }
    // Whoever has used up the free failures tries one at a time, or a thousand attempts sent
    // together would all count as the next one.
    if (known.trying) {
      return NEXT_TRY;
    }
    known.trying = true;
    return Duration.ZERO;
  }

  synchronized void end(String address, boolean failed) {
    Instant now = clock.instant();
    String network = network(address);
    Failures known = current(network, now);
    if (known != null) {
      known.trying = false;
    }
    if (!failed) {
      return;
    }
    byNetwork.remove(network);
    Failures counted = known == null ? new Failures(now) : known;
    counted.count++;
    counted.lastFailure = now;
    if (counted.count >= options.failuresFree()) {
      counted.closedUntil = now.plus(wait(counted.count - options.failuresFree()));
    }
    while (byNetwork.size() >= options.addressesMax()) {
      Iterator<Failures> oldest = byNetwork.values().iterator();
      oldest.next();
      oldest.remove();
    }
    byNetwork.put(network, counted);
  }

  private @Nullable Failures current(String network, Instant now) {
    Failures known = byNetwork.get(network);
    if (known != null && now.isAfter(known.lastFailure.plus(options.forgetAfter()))) {
      byNetwork.remove(network);
      return null;
    }
    return known;
  }

  private Duration wait(int doublings) {
    Duration wait = options.firstWait();
    for (int i = 0; i < doublings && wait.compareTo(options.longestWait()) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(options.longestWait()) < 0 ? wait : options.longestWait();
  }

  synchronized int size() {
    return byNetwork.size();
  }

  private static String network(String address) {
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address wide
          ? HexFormat.of().formatHex(Arrays.copyOf(wide.getAddress(), IPV6_NETWORK_BYTES))
          : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
