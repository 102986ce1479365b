// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonObject;
import io.freshet.sources.postgres.LogMessage.Begin;
import io.freshet.sources.postgres.LogMessage.Commit;
import io.freshet.sources.postgres.LogMessage.Delete;
import io.freshet.sources.postgres.LogMessage.Described;
import io.freshet.sources.postgres.LogMessage.Insert;
import io.freshet.sources.postgres.LogMessage.Message;
import io.freshet.sources.postgres.LogMessage.Origin;
import io.freshet.sources.postgres.LogMessage.Truncate;
import io.freshet.sources.postgres.LogMessage.Update;
import io.freshet.spi.RowChange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Follows the log of a database over one connection: what comes in becomes row changes, which go
/// into the outbox with the progress they make. A transaction goes there in pieces while it is
/// still coming in, so that none is ever held whole. What was told before the interruption is
/// passed over: the database sends a transaction from its beginning again.
///
/// **Threads.** One.
final class LogReader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /// Of the frame around a message: kind, two places, time.
  private static final int MESSAGE_AT = 25;

  /// The database counts on hearing something at least once a minute.
  private static final long WAIT_MS = 5_000;

  private final LogConnection connection;
  private final TableDirectory tables;
  private final TableDirectory.Questions questions;
  private final String slot;
  private final RowSize size;
  private final Watermarks marks;
  private final Outbox outbox;
  private final Figures figures;
  private final InstantSource clock;
  private final PgOutput decoder = new PgOutput();
  private final Map<Long, TableRows> rows = new HashMap<>();

  /// The table that was told of last.
  private @Nullable TableRows last;

  /// How far the whole of what was received goes.
  private Progress reached;

  private long confirmed;
  private @Nullable MarkRows markRows;
  private Batch open = new Batch();
  private @Nullable Begin transaction;

  /// Changes of the transaction received, and how many of them are known already.
  private long index;

  private long known;

  LogReader(
      LogConnection connection,
      TableDirectory tables,
      TableDirectory.Questions questions,
      PostgresOptions options,
      Watermarks marks,
      Outbox outbox,
      Figures figures,
      InstantSource clock) {
    this.connection = connection;
    this.tables = tables;
    this.questions = questions;
    this.slot = options.slot();
    this.size = new RowSize(options.rowBytesMax());
    this.marks = marks;
    this.outbox = outbox;
    this.figures = figures;
    this.clock = clock;
    this.reached = outbox.durable();
  }

  /// Returns when the outbox is closed.
  ///
  /// @throws SQLException when the connection ends
  void run() throws SQLException, InterruptedException {
    while (!outbox.isClosed()) {
      byte[] frame = connection.read();
      figures.received();
      if (frame[0] == 'w') {
        receive(decoder.decode(frame, MESSAGE_AT), frame.length);
      } else if (frame[0] == 'k') {
        keepalive(frame);
      }
    }
  }

  private void keepalive(byte[] frame) throws SQLException {
    long end = (long) LONG.get(frame, 1);
    if (transaction == null && Lsn.isBefore(reached.end(), end)) {
      reached = reached(reached.lsn(), reached.index(), end);
      outbox.advance(reached);
    }
    boolean answer = frame[17] != 0;
    if (answer || confirmed != outbox.durable().end()) {
      confirm();
    }
  }

  private void confirm() throws SQLException {
    confirmed = outbox.durable().end();
    connection.confirm(confirmed, clock.millis());
  }

  private void receive(LogMessage message, int size) throws SQLException, InterruptedException {
    switch (message) {
      case Insert insert -> {
        TableRows table = next(insert.relation());
        tell(table == null ? null : table.inserted(insert.row()), table, size);
        markRow(insert.relation(), insert.row());
      }
      case Update update -> {
        TableRows table = next(update.relation());
        tell(table == null ? null : table.updated(update), table, size);
        markRow(update.relation(), update.row());
      }
      case Delete delete -> {
        TableRows table = next(delete.relation());
        tell(table == null ? null : table.deleted(delete), table, size);
      }
      case Truncate truncate -> truncated(truncate);
      case Begin begin -> begin(begin);
      case Commit commit -> commit(commit);
      case Described described -> described(described.relation());
      case Message said -> said(said);
      case Origin _, LogMessage.Type _ -> {}
    }
  }

  private void begin(Begin begin) {
    transaction = begin;
    index = 0;
    known = reached.told(begin.commitLsn());
  }

  /// Counts a change; null if it is not to be told. Whether it is told here does not matter for the
  /// count: what is configured may be another next time.
  private @Nullable TableRows next(long relation) {
    return index++ < known ? null : rows.get(relation);
  }

  private void tell(@Nullable RowChange change, @Nullable TableRows table, int bytes)
      throws SQLException, InterruptedException {
    if (change != null && table != null) {
      require(change);
      route(table);
      figures.changes.incrementAndGet();
      if (marks.isOpen()) {
        note(change);
      }
      open.add(change, bytes);
      if (open.isFull()) {
        publish(chunk(index));
      }
    } else if (table != null) {
      tables.unnamed(table.collection());
    }
  }

  /// What comes before a row that is too large is told.
  private void require(RowChange change) throws SQLException, InterruptedException {
    try {
      size.require(change);
    } catch (RowSize.ExceededException e) {
      tellOpen(index - 1);
      awaitDurable();
      throw e;
    }
  }

  /// The first time that a table is told of, it becomes one of the source's. Not before: the log
  /// describes partitions too, whose rows are told as those of their root.
  @SuppressWarnings("ReferenceEquality") // only a shortcut
  private void route(TableRows table) {
    if (table != last) {
      last = table;
      if (tables.tell(table.collection())) {
        outbox.route(tables.collections());
      }
    }
  }

  private void note(RowChange change) {
    switch (change) {
      case RowChange.Inserted row -> marks.changed(row.collection(), row.id());
      case RowChange.Updated row -> marks.changed(row.collection(), row.id());
      case RowChange.Deleted row -> marks.changed(row.collection(), row.id());
      case RowChange.Moved row -> {
        marks.changed(row.collection(), row.oldId());
        marks.changed(row.collection(), row.id());
      }
      case RowChange.Truncated table -> marks.truncated(table.collection());
      case RowChange.Read _ -> {}
    }
  }

  /// All tables of one statement are one change. Each is appended alone, so that its rows need not
  /// be held all at once; if that is interrupted, those before it are truncated once more.
  private void truncated(Truncate truncate) throws SQLException, InterruptedException {
    if (index++ < known) {
      return;
    }
    tellOpen(index - 1);
    for (Iterator<Long> relations = truncate.relations().iterator(); relations.hasNext(); ) {
      TableRows table = rows.get(relations.next());
      if (table != null) {
        route(table);
        figures.truncates.incrementAndGet();
        var change = new RowChange.Truncated(table.collection());
        if (marks.isOpen()) {
          note(change);
        }
        open.addAlone(change);
        publish(chunk(relations.hasNext() ? index - 1 : index));
      }
    }
  }

  private void tellOpen(long told) throws SQLException, InterruptedException {
    if (!open.isEmpty()) {
      publish(chunk(told));
    }
  }

  /// How far it goes when so many changes of the transaction were told.
  private Progress chunk(long told) {
    Begin running = transaction;
    if (running == null || told <= known) {
      return reached;
    }
    open.committedAt(LogConnection.millis(running.committedAt()));
    return reached(running.commitLsn(), told, reached.end());
  }

  private Progress reached(long lsn, long told, long end) {
    return new Progress(reached.system(), lsn, told, end, false, reached.reads());
  }

  private void commit(Commit commit) throws SQLException, InterruptedException {
    Begin begun = transaction;
    transaction = null;
    if (begun != null) {
      open.committedAt(LogConnection.millis(begun.committedAt()));
      marks.committed(begun.xid());
    }
    if (Lsn.isBefore(reached.end(), commit.endLsn())) {
      reached = reached(commit.commitLsn(), index, commit.endLsn());
    }
    if (open.isEmpty()) {
      open = new Batch();
      outbox.advance(reached);
    } else {
      publish(reached);
    }
    if (confirmed != outbox.durable().end()) {
      confirm();
    }
  }

  private void publish(Progress progress) throws SQLException, InterruptedException {
    reached = progress;
    open.reached(progress);
    Batch full = open;
    open = new Batch();
    while (!outbox.offer(full, WAIT_MS)) {
      // A store that is slow is no reason for the database to give up on us.
      figures.received();
      confirm();
    }
  }

  private void described(Relation relation) throws SQLException {
    if (MarkRows.isOf(relation)) {
      markRows = new MarkRows(relation, slot);
      return;
    }
    TableRows described = tables.describe(relation, rows.get(relation.oid()), questions);
    if (described == null) {
      rows.remove(relation.oid());
    } else {
      rows.put(relation.oid(), described);
    }
  }

  private void said(Message message) throws SQLException, InterruptedException {
    boolean passed = message.transactional() && index < known;
    if (message.prefix().equals(Watermarks.PREFIX) && !passed) {
      mark(message.content());
    }
  }

  private void markRow(long relation, Tuple row) throws SQLException, InterruptedException {
    String content = markRows == null || index <= known ? null : markRows.content(relation, row);
    if (content != null) {
      mark(content);
    }
  }

  /// What was read is appended here, and durable before the next message is looked at: whoever
  /// waits for it waits no longer than that.
  private void mark(String content) throws SQLException, InterruptedException {
    List<RowChange> read = marks.message(content);
    JsonObject reads = marks.progress();
    if (!read.isEmpty() || !reads.equals(reached.reads())) {
      read.forEach(row -> open.add(row, 64));
      Progress now = chunk(index);
      publish(new Progress(now.system(), now.lsn(), now.index(), now.end(), false, reads));
      awaitDurable();
    }
    // What was to be appended when the outbox was closed may not have been.
    if (!outbox.isClosed()) {
      marks.appended();
    }
  }

  private void awaitDurable() throws SQLException, InterruptedException {
    while (!outbox.isDurable(WAIT_MS)) {
      figures.received();
      confirm();
    }
  }
}
