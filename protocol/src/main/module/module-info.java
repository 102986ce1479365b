// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Values, paths, filters and errors that the server and the Java client share.
module io.freshet.protocol {
  requires static transitive org.jspecify;

  exports io.freshet.protocol;
  exports io.freshet.protocol.diff;
  exports io.freshet.protocol.error;
  exports io.freshet.protocol.filter;
  exports io.freshet.protocol.json;
  exports io.freshet.protocol.mutation;
  exports io.freshet.protocol.path;
  exports io.freshet.protocol.topic;
}
