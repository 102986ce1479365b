// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The deepstream protocol's bytes: payloads of WebSocket messages flow in and become messages of a
/// topic; messages flow out as whole frames. Knows nothing of connections or the engine.
@NullMarked
package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.NullMarked;
