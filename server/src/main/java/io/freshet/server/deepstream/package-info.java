// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The deepstream door: frames of the deepstream protocol flow in from {@link
/// io.freshet.server.net}, become commands for the engine, and its outcomes and changes flow back
/// as frames.
///
/// In the order data flows: [io.freshet.server.deepstream.DeepstreamDoor] opens a socket per
/// connection; the socket decodes, logs in and routes by topic; the record topic turns messages
/// into commands with a reply each; the loop, one per event loop, is the engine's outlet and takes
/// answers and changes to the sockets.
@NullMarked
package io.freshet.server.deepstream;

import org.jspecify.annotations.NullMarked;
