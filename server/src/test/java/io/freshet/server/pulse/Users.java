// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;
import java.util.Map;

/// A model of every type, as a client's package sends it, and changes of its documents.
final class Users {
  static final String FIELDS =
      """
      [{"name":"id","kind":"scalar","type":"Int"},
       {"name":"email","kind":"scalar","type":"String","dbName":"email_address"},
       {"name":"name","kind":"scalar","type":"String"},
       {"name":"balance","kind":"scalar","type":"Decimal"},
       {"name":"big","kind":"scalar","type":"BigInt"},
       {"name":"score","kind":"scalar","type":"Float"},
       {"name":"admin","kind":"scalar","type":"Boolean"},
       {"name":"createdAt","kind":"scalar","type":"DateTime"},
       {"name":"avatar","kind":"scalar","type":"Bytes"},
       {"name":"meta","kind":"scalar","type":"Json"},
       {"name":"role","kind":"enum","type":"Role"},
       {"name":"tags","kind":"scalar","type":"String","isList":true},
       {"name":"posts","kind":"object","type":"Post","relationName":"PostToUser"}]
      """;

  private Users() {}

  static String subscription(String where) {
    return ("{\"modelName\":\"User\",\"model\":{\"dbName\":\"users\",\"schema\":null,\"fields\":"
            + FIELDS
            + "}"
            + (where.isEmpty() ? "" : ",\"where\":" + where)
            + "}")
        .replace("\n", "");
  }

  static List<Map.Entry<String, String>> headers(String where, String stream) {
    return List.of(
        Map.entry("Subscription", subscription(where)),
        Map.entry("Stream", stream),
        Map.entry("Prisma-Client-Version", "7.10.0"));
  }

  static PulseWish wish(String where) {
    return new WishReader(PulseModels.NONE).read(PulseKind.STREAM, headers(where, "{}"));
  }

  static Change change(Operation operation, String id, String before, String after) {
    var key = new DocumentKey("users", id);
    return new Change(
        EventId.of(1_700_000_000_000L, 3, 7),
        new Position(new LogId("fsync"), 1, 7),
        operation,
        document(key, before, 1),
        document(key, after, 2),
        null,
        "alice");
  }

  private static Document document(DocumentKey key, String data, long revision) {
    JsonValue value = data.isEmpty() ? JsonObject.empty() : Json.parse(data);
    Document.Life life = data.isEmpty() ? Document.Life.TOMBSTONE : Document.Life.LIVE;
    return new Document(key, life, revision, value, 1, 1);
  }
}
