// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What socket gateways share between a connection and the engine: bounds on commands under way,
/// the outlet of each event loop, and the gathering of what goes out. Commands flow in from
/// sessions and out to the engine; the engine's items flow in and out to the gateway that knows
/// what to make of them. Knows no wire protocol.
@NullMarked
package io.freshet.server.gate;

import org.jspecify.annotations.NullMarked;
