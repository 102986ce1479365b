// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What the engine makes of a command: pure functions from state, command and guard answers to a
/// decision.
@NullMarked
package io.freshet.engine.decide;

import org.jspecify.annotations.NullMarked;
