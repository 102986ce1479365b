// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.sources.postgres.LogMessage.Begin;
import io.freshet.sources.postgres.LogMessage.Commit;
import io.freshet.sources.postgres.LogMessage.Delete;
import io.freshet.sources.postgres.LogMessage.Described;
import io.freshet.sources.postgres.LogMessage.Insert;
import io.freshet.sources.postgres.LogMessage.Origin;
import io.freshet.sources.postgres.LogMessage.Truncate;
import io.freshet.sources.postgres.LogMessage.Update;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the messages of `pgoutput` out of their bytes, one at a time. Not for several threads.
final class PgOutput {
  private static final VarHandle SHORT = of(short[].class);
  private static final VarHandle INT = of(int[].class);
  private static final VarHandle LONG = of(long[].class);

  private final Tuple row = new Tuple();
  private final Tuple old = new Tuple();
  private byte[] in = {};
  private int at;

  private static VarHandle of(Class<?> view) {
    return MethodHandles.byteArrayViewVarHandle(view, ByteOrder.BIG_ENDIAN);
  }

  /// @param message is kept until the next one: its values are not copied
  /// @param from where it begins; it ends with the array
  /// @throws IllegalArgumentException if it is no such message
  LogMessage decode(byte[] message, int from) {
    in = message;
    at = from;
    try {
      LogMessage decoded = decode(next());
      if (at != in.length) {
        throw malformed("there is something behind it");
      }
      return decoded;
    } catch (IndexOutOfBoundsException e) {
      throw malformed("it ends too early");
    }
  }

  private static IllegalArgumentException malformed(String why) {
    return new IllegalArgumentException("Not a message of pgoutput: " + why);
  }

  @SuppressWarnings("StatementSwitchToExpressionSwitch")
  private LogMessage decode(byte kind) {
    return switch (kind) {
      case 'I' -> insert();
      case 'U' -> update();
      case 'D' -> delete();
      case 'B' -> new Begin(eight(), eight(), four());
      case 'C' -> commit();
      case 'R' -> new Described(relation());
      case 'Y' -> new LogMessage.Type(oid(), text(), text());
      case 'T' -> truncate();
      case 'M' -> message();
      case 'O' -> new Origin(eight(), text());
      default -> throw malformed("its kind is " + (char) kind);
    };
  }

  private Insert insert() {
    long relation = oid();
    require('N');
    return new Insert(relation, tuple(row));
  }

  private Update update() {
    long relation = oid();
    byte kind = next();
    if (kind == 'N') {
      return new Update(relation, null, false, tuple(row));
    }
    boolean whole = isWhole(kind);
    tuple(old);
    require('N');
    return new Update(relation, old, whole, tuple(row));
  }

  private Delete delete() {
    long relation = oid();
    boolean whole = isWhole(next());
    return new Delete(relation, tuple(old), whole);
  }

  private static boolean isWhole(byte kind) {
    if (kind != 'O' && kind != 'K') {
      throw malformed("of the old row it tells " + (char) kind);
    }
    return kind == 'O';
  }

  private Tuple tuple(Tuple target) {
    int columns = two();
    target.begin(in, columns);
    for (int i = 0; i < columns; i++) {
      byte kind = next();
      int length = 0;
      switch (kind) {
        case Tuple.TEXT -> length = length();
        case Tuple.NULL, Tuple.UNCHANGED -> {}
        case 'b' -> throw malformed("it has a binary value, which was not asked for");
        default -> throw malformed("it has a value of kind " + (char) kind);
      }
      target.set(i, kind, at, length);
      at += length;
    }
    return target;
  }

  private Commit commit() {
    next();
    return new Commit(eight(), eight(), eight());
  }

  private Relation relation() {
    long oid = oid();
    String schema = text();
    // The system's own schema is told as an empty name.
    String name = text();
    char identity = (char) next();
    int count = two();
    var columns = new ArrayList<Relation.Column>(count);
    for (int i = 0; i < count; i++) {
      boolean identifying = (next() & 1) != 0;
      columns.add(new Relation.Column(text(), four(), four(), identifying));
    }
    return new Relation(
        oid, schema.isEmpty() ? "pg_catalog" : schema, name, identity, List.copyOf(columns));
  }

  private Truncate truncate() {
    int count = four();
    next();
    var relations = new ArrayList<Long>();
    for (int i = 0; i < count; i++) {
      relations.add(oid());
    }
    return new Truncate(relations);
  }

  private LogMessage.Message message() {
    boolean transactional = (next() & 1) != 0;
    long lsn = eight();
    String prefix = text();
    int length = length();
    var content = new String(in, at, length, StandardCharsets.UTF_8);
    at += length;
    return new LogMessage.Message(transactional, lsn, prefix, content);
  }

  private void require(char kind) {
    if (next() != kind) {
      throw malformed("the new row is missing");
    }
  }

  private byte next() {
    return in[at++];
  }

  /// Of what follows; all of it is there.
  private int length() {
    int length = four();
    if (length < 0 || length > in.length - at) {
      throw malformed("it ends too early");
    }
    return length;
  }

  private int two() {
    int value = (short) SHORT.get(in, at) & 0xFFFF;
    at += 2;
    return value;
  }

  private int four() {
    int value = (int) INT.get(in, at);
    at += 4;
    return value;
  }

  private long oid() {
    return Integer.toUnsignedLong(four());
  }

  private long eight() {
    long value = (long) LONG.get(in, at);
    at += 8;
    return value;
  }

  /// Up to a zero byte.
  private String text() {
    int from = at;
    while (in[at] != 0) {
      at++;
    }
    return new String(in, from, at++ - from, StandardCharsets.UTF_8);
  }
}
