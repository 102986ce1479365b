// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The deepstream door: frames of the deepstream protocol flow in from {@link
/// io.freshet.server.net}, become commands for the engine, and its outcomes and changes flow back
/// as frames.
///
/// In the order data flows: [io.freshet.server.deepstream.DeepstreamDoor] opens a socket per
/// connection; the socket decodes ([io.freshet.server.deepstream.wire]), logs in and routes by
/// topic; the topics of records, events, calls and presence turn messages into commands with a
/// reply each; the loop, one per event loop, is the engine's outlet and takes answers, changes and
/// events to the sockets.
@NullMarked
package io.freshet.server.deepstream;

import org.jspecify.annotations.NullMarked;
