// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The client of a Freshet server: documents, topics and change streams over one WebSocket. Calls
/// of the program flow in through [FreshetClient] and out as frames of `/ws`; what the server says
/// flows back as results, to listeners, and into loops over streams. Depends on `protocol` only.
@NullMarked
package io.freshet.client;

import org.jspecify.annotations.NullMarked;
