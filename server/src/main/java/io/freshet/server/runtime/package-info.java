// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The threads that the engine runs on: one that takes turns, one that commits, one for timers.
@NullMarked
package io.freshet.server.runtime;

import org.jspecify.annotations.NullMarked;
