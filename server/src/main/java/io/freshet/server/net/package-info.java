// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Sockets. Bytes from clients flow in; whole WebSocket messages flow out to the gateway behind the
/// {@link io.freshet.server.net.Door} of the request's path, and its ready-made frames flow back.
/// Knows no protocol above WebSocket, and nothing of sessions, documents or the engine.
@NullMarked
package io.freshet.server.net;

import org.jspecify.annotations.NullMarked;
