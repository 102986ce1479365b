// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A wish to be told of changes, through all connections, until it is closed.
///
/// Threading: any thread. Listeners of one client are called one after the other.
public interface Subscription extends AutoCloseable {
  /// Completes when the server has acknowledged it: no change made from then on is missed. Fails if
  /// it refuses.
  CompletableFuture<SubscriptionInfo> ready();

  /// Told when changes were missed for good: what was built from its events is out of date.
  ///
  /// @return this
  Subscription onGap(Consumer<SubscriptionInfo> listener);

  /// Up to where it has seen each log: good for [TopicOptions#recover] of another subscription.
  java.util.List<String> position();

  /// Nothing is delivered after this call, except to a listener that is running now.
  @Override
  void close();
}
