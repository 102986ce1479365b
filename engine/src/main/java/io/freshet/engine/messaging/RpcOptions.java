// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import java.time.Duration;

/// @param acceptTimeout how long a provider may take to accept, reject or answer a call
/// @param responseTimeout how long it may take to answer
/// @param provideRequestorName whether providers are told the caller's user id
/// @param provideRequestorData whether providers are told the caller's client data
/// @param callsMax most calls under way of one session
public record RpcOptions(
    Duration acceptTimeout,
    Duration responseTimeout,
    boolean provideRequestorName,
    boolean provideRequestorData,
    int callsMax) {
  public static final RpcOptions DEFAULT =
      new RpcOptions(Duration.ofSeconds(1), Duration.ofSeconds(10), false, false, 10_000);
}
