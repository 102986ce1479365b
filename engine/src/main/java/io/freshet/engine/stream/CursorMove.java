// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.EventId;

/// Says that everything up to a place is done with.
public record CursorMove(StreamTicket ticket, EventId place) {}
