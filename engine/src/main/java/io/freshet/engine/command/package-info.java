// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The one way in: everything that is to be done is a command. Gateways make them, the engine
/// decides them in arrival order.
@NullMarked
package io.freshet.engine.command;

import org.jspecify.annotations.NullMarked;
