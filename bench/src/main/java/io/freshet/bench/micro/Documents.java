// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.Write;
import java.util.List;

/// What the benchmarks work on: flat documents of texts of 100 bytes, and patches of one of them.
public final class Documents {
  private static final int TEXT_BYTES = 100;

  private Documents() {}

  /// A live document of about that many bytes.
  public static Document ofBytes(String id, int bytes) {
    JsonObject data = JsonObject.empty();
    for (int field = 0; data.encodedBytes() < bytes; field++) {
      data = data.with("field" + field, text(field));
    }
    var key = new DocumentKey("bench", id);
    return new Document(key, Document.Life.LIVE, 1, data, 1, 1);
  }

  /// Texts of one length that differ with the number.
  public static JsonString text(long number) {
    String digits = Long.toString(number);
    return JsonString.of("x".repeat(TEXT_BYTES - digits.length()) + digits);
  }

  public static List<FieldOperation> patch(long number) {
    return List.of(new FieldOperation.Set(RecordPath.parse("field0"), text(number)));
  }

  /// The same document one revision on.
  public static Document after(Document before, List<FieldOperation> patch) {
    var data = PathEdit.applyAll(before.data(), patch);
    return new Document(
        before.key(),
        Document.Life.LIVE,
        before.revision() + 1,
        data,
        before.createdAt(),
        before.updatedAt());
  }

  static Write write(Document before, List<FieldOperation> patch) {
    return new Write(Operation.MUTATE, before, after(before, patch), patch, "ada");
  }
}
