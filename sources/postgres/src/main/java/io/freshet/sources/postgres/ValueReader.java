// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonValue;

/// Makes JSON of the text that PostgreSQL writes for values of one type. Stateless.
@FunctionalInterface
interface ValueReader {
  /// @param in UTF-8, as written under the settings of [Connections]
  JsonValue read(byte[] in, int offset, int length);
}
