// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a connection.
///
/// @param certificate it has shown to be its own, of an issuer that is trusted; null for none
record FarSide(InetSocketAddress address, @Nullable X509Certificate certificate) {}
