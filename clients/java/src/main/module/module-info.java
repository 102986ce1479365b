// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The Java client of a Freshet server. A program's record types that are not public, or whose
/// fields name filters, have to be opened to this module.
module io.freshet.client {
  requires static transitive org.jspecify;
  requires static com.fasterxml.jackson.databind;
  requires static tools.jackson.databind;
  requires java.net.http;
  requires io.freshet.protocol;

  exports io.freshet.client;
  exports io.freshet.client.jackson;
}
