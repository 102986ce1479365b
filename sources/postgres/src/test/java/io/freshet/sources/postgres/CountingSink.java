// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.spi.RowChange;
import io.freshet.spi.SourceSink;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A sink that keeps nothing but how much came and how far it goes.
class CountingSink implements SourceSink {
  private final AtomicLong rows = new AtomicLong();
  private volatile @Nullable String progress;

  long rows() {
    return rows.get();
  }

  @Override
  public @Nullable String progress() {
    return progress;
  }

  @Override
  public void collections(Set<String> names) {}

  @Override
  public void append(List<RowChange> appended, String reached) {
    rows.addAndGet(appended.size());
    progress = reached;
  }

  @Override
  public void gap(String reason, String reached) {
    throw new AssertionError(reason);
  }

  @Override
  public List<String> held(String collection, @Nullable String after, int max) {
    return List.of();
  }
}
