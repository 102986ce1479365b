// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Sockets. Bytes from clients flow in; whole WebSocket messages flow out to the gateway behind the
/// {@link io.freshet.server.net.Door} of the request's path, and its ready-made frames flow back,
/// as do the events of a {@link io.freshet.server.net.StreamDoor}. Whole HTTP requests flow out to
/// the {@link io.freshet.server.net.HttpRoute} of their path, and its answers flow back. Knows no
/// protocol above WebSocket, HTTP and Server-Sent Events, and nothing of documents or the engine.
@NullMarked
package io.freshet.server.net;

import org.jspecify.annotations.NullMarked;
