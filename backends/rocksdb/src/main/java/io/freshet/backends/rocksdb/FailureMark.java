// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/// Remembers a failed commit. A write that failed half-way may be complete in the write-ahead log
/// all the same, and the next start would find it there although its writers were told it failed.
/// So the store notes where each log really ended; the next start cuts the logs back to that.
///
/// The file has its full size from the first start on, so that noting needs no space on a disk that
/// is full.
final class FailureMark implements AutoCloseable {
  private static final int FILE_BYTES = 512;
  private static final int MAGIC = 0x46524653;
  private static final int ENDS_MAX = 40;

  private final FileChannel file;

  private FailureMark(FileChannel file) {
    this.file = file;
  }

  static FailureMark open(Path path) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var mark = new FailureMark(file);
    if (file.size() < FILE_BYTES) {
      mark.clear();
    }
    return mark;
  }

  /// Where a log ended before the commit that failed.
  record End(int log, long head) {}

  void note(List<End> ends) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(FILE_BYTES);
    content.putInt(MAGIC).putInt(ends.size());
    ends.forEach(end -> content.putInt(end.log).putLong(end.head));
    content.putLong(checksum(content, content.position()));
    write(content);
  }

  void clear() throws IOException {
    write(ByteBuffer.allocate(FILE_BYTES));
  }

  private void write(ByteBuffer content) throws IOException {
    content.position(0).limit(FILE_BYTES);
    while (content.hasRemaining()) {
      file.write(content, content.position());
    }
    file.force(true);
  }

  /// What was noted, if anything was and it is intact.
  Optional<List<End>> read() throws IOException {
    ByteBuffer content = ByteBuffer.allocate(FILE_BYTES);
    while (content.hasRemaining() && file.read(content, content.position()) > 0) {}
    content.flip();
    if (content.limit() < FILE_BYTES || content.getInt() != MAGIC) {
      return Optional.empty();
    }
    int count = content.getInt();
    if (count < 0 || count > ENDS_MAX) {
      return Optional.empty();
    }
    var ends = new ArrayList<End>();
    for (int i = 0; i < count; i++) {
      ends.add(new End(content.getInt(), content.getLong()));
    }
    long expected = checksum(content, content.position());
    return content.getLong() == expected ? Optional.of(ends) : Optional.empty();
  }

  private static long checksum(ByteBuffer content, int length) {
    var crc = new CRC32();
    crc.update(content.duplicate().position(0).limit(length));
    return crc.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
