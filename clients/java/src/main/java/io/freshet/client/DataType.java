// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.lang.reflect.Type;
import java.util.Map;

/// What JSON is read as.
@SuppressWarnings("UnusedTypeParameter") // ties what is read to the type it is read as
record DataType<T>(Type type) {
  static final DataType<Map<String, Object>> MAPS = new DataType<>(Map.class);

  static <T> DataType<T> of(Class<T> type) {
    return new DataType<>(type);
  }
}
