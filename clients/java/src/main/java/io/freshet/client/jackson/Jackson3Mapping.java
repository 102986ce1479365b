// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client.jackson;

import io.freshet.client.JsonMapping;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.type.TypeFactory;

/// Maps with an object mapper of Jackson 3 (`tools.jackson.core:jackson-databind`), which the
/// program brings along.
///
/// ```java
/// FreshetClient.builder(url).mapping(Jackson3Mapping.of(mapper)).build()
/// ```
///
/// Everything is as the mapper is configured, but for one thing: members that a type does not have
/// are ignored, since rows of change streams may have an `id` more. Where null components shall not
/// be written (in a `merge` null removes a member), the mapper has to say so: `Include.NON_NULL`.
///
/// Threading: as the mapper: any thread, once it is configured.
public final class Jackson3Mapping implements JsonMapping {
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final TypeFactory types;

  private Jackson3Mapping(ObjectMapper mapper) {
    reader = mapper.reader().without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    writer = mapper.writer();
    types = mapper.getTypeFactory();
  }

  /// @param mapper as it is now: what is configured later has no effect
  public static Jackson3Mapping of(ObjectMapper mapper) {
    return new Jackson3Mapping(mapper);
  }

  @Override
  public @Nullable Object read(String json, Type type) {
    return reader.forType(types.constructType(type)).readValue(json);
  }

  @Override
  public String write(Object value) {
    return writer.writeValueAsString(value);
  }
}
