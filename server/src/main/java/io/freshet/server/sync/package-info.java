// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The documents face: requests of `/api/sync/...` and frames of `/ws` flow in, commands to the
/// engine out; outcomes and committed changes flow in, answers and events out. What a request means
/// and how it is answered is the same for every transport ([io.freshet.server.sync.SyncRequest],
/// [io.freshet.server.sync.SyncAnswer]). Never sees another gateway.
@NullMarked
package io.freshet.server.sync;

import org.jspecify.annotations.NullMarked;
