// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Iterator;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Hands the changes of a stream to a subscriber, as many as it asks for.
///
/// Threading: the subscriber is called on one thread; it asks on any.
final class StreamPublication<T> implements Flow.Subscription {
  private final ChangeStream<T> stream;
  private final Iterator<Change<T>> changes;
  private final Flow.Subscriber<? super Change<T>> subscriber;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();
  private long demand;
  private boolean isCancelled;
  private @Nullable IllegalArgumentException complaint;

  StreamPublication(
      ChangeStream<T> stream,
      Iterator<Change<T>> changes,
      Flow.Subscriber<? super Change<T>> subscriber) {
    this.stream = stream;
    this.changes = changes;
    this.subscriber = subscriber;
  }

  void run() {
    try {
      subscriber.onSubscribe(this);
      while (awaitDemand() && changes.hasNext()) {
        subscriber.onNext(changes.next());
      }
      end(complaint);
    } catch (RuntimeException e) {
      end(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(e);
    }
  }

  private void end(@Nullable Exception why) {
    stream.close();
    if (why != null) {
      subscriber.onError(why);
    } else if (!isCancelled) {
      subscriber.onComplete();
    }
  }

  /// @return false if nothing more is wanted
  private boolean awaitDemand() throws InterruptedException {
    lock.lock();
    try {
      while (demand == 0 && !isCancelled && complaint == null) {
        asked.await();
      }
      demand--;
      return !isCancelled && complaint == null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void request(long n) {
    lock.lock();
    try {
      if (n <= 0) {
        complaint = new IllegalArgumentException("request: more than 0, not " + n);
      } else {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
      }
      asked.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      isCancelled = true;
      asked.signal();
    } finally {
      lock.unlock();
    }
    stream.close();
  }
}
