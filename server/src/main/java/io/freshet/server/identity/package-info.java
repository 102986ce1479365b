// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Who is this? What a client shows at any door flows in as one [io.freshet.spi.Authenticator
/// attempt][io.freshet.spi.Authenticator.Attempt], a verdict flows out. Here are the kinds of
/// authenticators a server can be configured with, the gate that bounds how often and how many may
/// try, and what makes passwords, keys and tokens for the command line.
///
/// Depends on spi and protocol. No socket and no gateway depends on it: only the composition root
/// puts its parts together.
@NullMarked
package io.freshet.server.identity;

import org.jspecify.annotations.NullMarked;
