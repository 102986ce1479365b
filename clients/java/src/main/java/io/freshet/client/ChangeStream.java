// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/// Changes, one after the other, for one reader: a `for` loop, a callback ([#each]) or a
/// [Flow.Subscriber].
///
/// A change is acknowledged when its loop body has ended, that is when the next one is asked for
/// (of a subscriber: when `onNext` has returned). Leaving the loop does not acknowledge the one in
/// hand; closing the stream then frees its name:
///
/// ```java
/// try (var stream = client.changes("User", User.class).stream(StreamOptions.named("mail"))) {
///   for (Change<User> change : stream) {
///     handle(change);
///   }
/// }
/// ```
///
/// Threading: one thread reads; the other methods may be called by any.
public interface ChangeStream<T>
    extends Iterable<Change<T>>, Flow.Publisher<Change<T>>, AutoCloseable {
  /// Waits in `hasNext` and `next` for the next change. They throw the [FreshetClientException]
  /// that ends the stream; after [#stop] there is no next one.
  ///
  /// @throws FreshetClientException the second time: a stream is read once
  @Override
  Iterator<Change<T>> iterator();

  /// Reads on a virtual thread.
  ///
  /// @return completed when the stream has ended; with what the listener threw, if it did: the
  ///   change in hand is not acknowledged then, and the stream is stopped
  CompletableFuture<Void> each(Consumer<? super Change<T>> listener);

  /// Reads on a virtual thread, as many changes as the subscriber asks for.
  @Override
  void subscribe(Flow.Subscriber<? super Change<T>> subscriber);

  /// Completes when the server has found the stream's place: no change made from then on is missed.
  CompletableFuture<StreamInfo> ready();

  /// Says that everything up to this change is handled, before its loop body has ended.
  void acknowledge(String id);

  /// Ends the loop, and frees the stream's place and name on the server. What was not acknowledged
  /// comes again when the name is asked for again.
  ///
  /// @return completed when they are free
  CompletableFuture<Void> stop();

  /// Stops it, and does not wait.
  @Override
  void close();
}
