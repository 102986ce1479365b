// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The deepstream protocol over HTTP (protocol reference, section 16): batches of messages flow in
/// as one JSON body, become commands of one session, and their outcomes flow out as one JSON
/// answer. Shares nothing with the WebSocket door but the engine.
@NullMarked
package io.freshet.server.deepstream.http;

import org.jspecify.annotations.NullMarked;
