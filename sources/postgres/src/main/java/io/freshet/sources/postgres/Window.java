// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.spi.RowChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One read between two marks, and what the reader of the log sees between them. Guarded by the
/// lock of [WatermarkReads].
///
/// Why what is returned is right at the place of the high mark: the query saw every transaction
/// whose commit stands before the low mark (that is asked about, because a commit can stand in the
/// log for a while before queries see it), and none whose commit stands behind the high mark. Rows
/// that one in between has changed are left out.
final class Window {
  /// Of so many changes between the marks the rows are remembered; with more it is read again.
  private static final int CHANGES_MAX = 100_000;

  enum State {
    /// The low mark was not seen.
    ASKED,
    /// Between the marks.
    OPEN,
    /// What was read is handed over, and not durable.
    RETURNED,
    /// What was read stands in the log.
    DONE,
    /// It came to nothing, and is to be read again.
    VOID
  }

  /// @param rows by the id asked for, null where there is none; those of tables that could not be
  ///   read are missing
  /// @param held of the rows those that the scan asked for because they are held
  /// @param chunk of the scan
  /// @param position the scan reaches with it; null for none
  record Result(
      Visibility seen,
      Map<DocumentKey, RowQueries.@Nullable Row> rows,
      List<String> held,
      List<RowQueries.Row> chunk,
      @Nullable String position,
      boolean end) {}

  final String id;
  final List<DocumentKey> fetched;
  final @Nullable Scan scan;
  private final RowSize size;

  /// Where the scan was when this began, and what it has to read again: the scan itself may be set
  /// back meanwhile.
  final @Nullable String after;

  final boolean atEnd;
  final List<String> again;
  private final Set<DocumentKey> changed = new HashSet<>();
  private final Set<String> truncated = new HashSet<>();
  private State state = State.ASKED;
  private @Nullable Result result;
  private long commitsBefore;
  private boolean spoilt;

  /// Rows that are settled when it is done.
  private final List<DocumentKey> settled = new ArrayList<>();

  Window(String id, List<DocumentKey> fetched, @Nullable Scan scan, RowSize size) {
    this.size = size;
    this.id = id;
    this.fetched = List.copyOf(fetched);
    this.scan = scan;
    this.after = scan == null ? null : scan.after();
    this.atEnd = scan != null && scan.isAtEnd();
    this.again = scan == null ? List.of() : scan.again();
  }

  State state() {
    return state;
  }

  boolean isOver() {
    return state == State.DONE || state == State.VOID;
  }

  List<DocumentKey> settled() {
    return settled;
  }

  void read(Result what) {
    result = what;
  }

  void open(long commits) {
    if (state == State.ASKED) {
      state = State.OPEN;
      commitsBefore = commits;
    }
  }

  void changed(String collection, String rowId) {
    if (changed.size() < CHANGES_MAX) {
      changed.add(new DocumentKey(collection, rowId));
    } else {
      spoilt = true;
    }
  }

  void truncated(String collection) {
    truncated.add(collection);
  }

  void giveUp() {
    if (!isOver()) {
      state = State.VOID;
    }
  }

  void done() {
    state = State.DONE;
  }

  /// The high mark was seen.
  ///
  /// @return what belongs there; null if it came to nothing
  @Nullable List<RowChange> close(RecentCommits commits, Fetches fetches) {
    Result read = result;
    boolean usable = state == State.OPEN && read != null && !spoilt;
    if (read == null || !usable || commits.areHidden(read.seen(), commitsBefore)) {
      state = State.VOID;
      if (read != null) {
        commits.settle(read.seen());
      }
      return null;
    }
    commits.settle(read.seen());
    var rows = new ArrayList<RowChange>();
    for (DocumentKey key : fetched) {
      closeFetched(key, read, fetches, rows);
    }
    if (scan != null) {
      closeScan(scan, read, rows);
    }
    state = State.RETURNED;
    return rows;
  }

  private boolean isStale(DocumentKey key) {
    return truncated.contains(key.collection()) || changed.contains(key);
  }

  private void closeFetched(DocumentKey key, Result read, Fetches fetches, List<RowChange> rows) {
    if (!read.rows().containsKey(key)) {
      settled.add(key);
    } else if (!isStale(key)) {
      RowQueries.Row row = read.rows().get(key);
      if (row != null && size.isExceeded(row.value())) {
        fetches.refused(key, size.refusal(key.collection(), key.id(), row.value()));
        return;
      }
      rows.add(
          new RowChange.Read(key.collection(), key.id(), row == null ? null : row.value(), null));
      settled.add(key);
    } else if (fetches.isGivenUp(key)) {
      settled.add(key);
    }
  }

  private void closeScan(Scan reading, Result read, List<RowChange> rows) {
    String collection = reading.collection;
    if (isRefused(reading, read)) {
      return;
    }
    var named = new LinkedHashSet<String>(again);
    named.addAll(read.held());
    for (String each : named) {
      var key = new DocumentKey(collection, each);
      if (read.rows().containsKey(key)) {
        closeNamed(reading, key, read.rows().get(key), rows);
      }
    }
    for (RowQueries.Row row : read.chunk()) {
      String rowId = row.id();
      if (rowId == null || truncated.contains(collection)) {
        continue;
      }
      if (changed.contains(new DocumentKey(collection, rowId))) {
        reading.changed(rowId);
      } else {
        rows.add(new RowChange.Read(collection, rowId, row.value(), reading.run));
        reading.counted();
      }
    }
    reading.reached(read.position(), read.end());
  }

  /// One row that is too large stops a scan in front of it.
  private boolean isRefused(Scan reading, Result read) {
    var all = new ArrayList<>(read.chunk());
    read.rows()
        .forEach((key, row) -> {
          if (row != null
              && key.collection().equals(reading.collection)
              && !fetched.contains(key)) {
            all.add(row);
          }
        });
    for (RowQueries.Row row : all) {
      if (size.isExceeded(row.value())) {
        reading.refuse(size.refusal(reading.collection, row.position(), row.value()));
        return true;
      }
    }
    return false;
  }

  /// A row that was to be read again, or one that is held and to be read for that reason.
  private void closeNamed(
      Scan reading, DocumentKey key, RowQueries.@Nullable Row row, List<RowChange> rows) {
    if (isStale(key)) {
      reading.changed(key.id());
      return;
    }
    reading.settled(key.id());
    if (row != null || reading.kind == Scan.Kind.HELD) {
      rows.add(
          new RowChange.Read(
              key.collection(), key.id(), row == null ? null : row.value(), reading.run));
      reading.counted();
    }
  }
}
