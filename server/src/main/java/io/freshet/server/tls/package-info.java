// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The server's certificate and whose certificates it trusts. In: PEM files. Out: what encrypts
/// connections, made anew when the files change.
@NullMarked
package io.freshet.server.tls;

import org.jspecify.annotations.NullMarked;
