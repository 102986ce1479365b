// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.SourceSink;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Appends what is in an outbox, until it is closed or the sink fails; then the connection is cut,
/// so that everything begins anew from what the sink has.
///
/// **Threads.** [#run] is one of its own.
final class Appender implements Runnable {
  private final Outbox outbox;
  private final SourceSink sink;
  private final LogConnection connection;
  private volatile @Nullable Throwable failure;

  Appender(Outbox outbox, SourceSink sink, LogConnection connection) {
    this.outbox = outbox;
    this.sink = sink;
    this.connection = connection;
  }

  @Override
  public void run() {
    try {
      for (Batch batch = outbox.take(); batch != null; batch = outbox.take()) {
        Set<String> collections = outbox.takeCollections();
        if (collections != null) {
          sink.collections(collections);
        }
        sink.append(batch.rows(), batch.progress().text());
        outbox.appended(batch);
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      outbox.close();
      connection.abort(Runnable::run);
    }
  }

  /// Why the connection was cut: what failed here, or what the connection says.
  SQLException failure(SQLException otherwise) {
    Throwable mine = failure;
    if (mine instanceof FreshetException refused
        && refused.code() == ErrorCode.DOCUMENT_TOO_LARGE) {
      return new RowSize.ExceededException(String.valueOf(mine.getMessage()));
    }
    return mine == null ? otherwise : new SQLException("Cannot append: " + mine.getMessage(), mine);
  }
}
