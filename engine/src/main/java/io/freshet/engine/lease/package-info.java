// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Change streams by name: who has which, where they stand, how many there are. Commands to begin,
/// move and end them flow in; answers, and moves of the store's cursors, flow out. What a stream
/// delivers does not pass here: doors replay and follow the logs themselves
/// ([io.freshet.engine.follow]).
@NullMarked
package io.freshet.engine.lease;

import org.jspecify.annotations.NullMarked;
