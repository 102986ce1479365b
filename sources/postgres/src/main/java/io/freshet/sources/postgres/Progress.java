// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;

/// How far a source has told. Its text is kept with the changes, so that both are there or neither.
///
/// @param system the database cluster's own number: places in the logs of two mean nothing to each
///   other
/// @param lsn commit of the transaction that was told last, perhaps not to its end
/// @param index how many changes of it were told
/// @param end all transactions whose commit stands before it were told to their end
/// @param lost whether what comes after was lost, and that was said already
/// @param reads of [Watermarks]
record Progress(String system, long lsn, long index, long end, boolean lost, JsonObject reads) {

  /// Where a slot begins.
  static Progress at(String system, long end, JsonObject reads) {
    return new Progress(system, 0, 0, end, false, reads);
  }

  /// @throws io.freshet.protocol.error.FreshetException or
  /// @throws NumberFormatException if it is none
  static Progress parse(String text) {
    JsonObject object = (JsonObject) Json.parse(text);
    return new Progress(
        object.get("system") instanceof JsonString system ? system.value() : "",
        lsn(object, "lsn"),
        object.get("index") instanceof JsonNumber index ? index.longValue() : 0,
        lsn(object, "end"),
        object.get("lost") == JsonBoolean.TRUE,
        object.get("reads") instanceof JsonObject reads ? reads : JsonObject.empty());
  }

  private static long lsn(JsonObject object, String key) {
    return object.get(key) instanceof JsonString text ? Lsn.parse(text.value()) : 0;
  }

  Progress lostNow() {
    return new Progress(system, lsn, index, end, true, reads);
  }

  String text() {
    JsonObject object =
        JsonObject.of("system", JsonString.of(system))
            .with("lsn", JsonString.of(Lsn.text(lsn)))
            .with("index", JsonNumber.of(index))
            .with("end", JsonString.of(Lsn.text(end)));
    object = lost ? object.with("lost", JsonBoolean.TRUE) : object;
    return Json.text(reads.size() == 0 ? object : object.with("reads", reads));
  }

  /// How many changes of a transaction are told already.
  long told(long commitLsn) {
    if (Lsn.isBefore(commitLsn, end) || Lsn.isBefore(commitLsn, lsn)) {
      return Long.MAX_VALUE;
    }
    return commitLsn == lsn ? index : 0;
  }
}
