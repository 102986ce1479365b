// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Events, remote procedure calls and presence. Commands flow in from the doors and messages from
/// the other nodes; what sessions are told flows out through the [io.freshet.engine.feed.Outbox],
/// what other nodes are told through the [io.freshet.spi.Bus]. Nothing of it is kept.
@NullMarked
package io.freshet.engine.messaging;

import org.jspecify.annotations.NullMarked;
