// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The Pulse door: `GET /stream` and `GET /subscribe` for the npm package
/// `@prisma/extension-pulse`. Handshakes whose headers say what is wanted, and acknowledgements,
/// flow in; events of one collection flow out, their rows in the types of the client's model. Which
/// changes those are is for [io.freshet.server.stream] to know.
@NullMarked
package io.freshet.server.pulse;

import org.jspecify.annotations.NullMarked;
