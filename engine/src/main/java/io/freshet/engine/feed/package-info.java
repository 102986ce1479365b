// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The one ordered way out. Committed changes and every answer that depends on state flow in from
/// the engine's thread and leave through one [io.freshet.engine.feed.Outlet] per event loop, in an
/// order that makes snapshot(v) be followed by v+1 (design, invariant 5).
@NullMarked
package io.freshet.engine.feed;

import org.jspecify.annotations.NullMarked;
