// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;

/// Steps of a batch as the server reads them.
final class BatchWriter {
  private BatchWriter() {}

  static JsonObject write(BatchStep step, Mapper mapper) {
    JsonObject written = body(step, mapper).with("service", JsonString.of(step.service()));
    String id = step.id();
    Long revision = step.expectedRevision();
    written = id == null ? written : written.with("id", JsonString.of(id));
    return revision == null ? written : written.with("expectedRevision", JsonNumber.of(revision));
  }

  private static JsonObject body(BatchStep step, Mapper mapper) {
    return switch (step) {
      case BatchStep.Create create -> op("create").with("data", mapper.writeObject(create.data()));
      case BatchStep.Replace replace ->
          op("replace").with("data", mapper.writeObject(replace.data()));
      case BatchStep.Merge merge -> op("merge").with("data", mapper.writeObject(merge.partial()));
      case BatchStep.Mutate mutate ->
          op("mutate").with("mutations", mutate.mutations().write(mapper));
      case BatchStep.Delete delete -> op("delete");
      case BatchStep.Restore restore -> op("restore");
    };
  }

  private static JsonObject op(String name) {
    return JsonObject.of("op", JsonString.of(name));
  }
}
