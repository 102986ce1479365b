// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What the doors to change streams share: on each event loop the streams of its sessions, each on
/// its way from a place in the log to the present and then live. Changes flow in from the engine,
/// acknowledgements from clients; events flow out through the door's [StreamSink], moves of cursors
/// to the engine. Knows no wire protocol.
@NullMarked
package io.freshet.server.stream;

import org.jspecify.annotations.NullMarked;
