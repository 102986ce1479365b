// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Duration;

/// Bounds on what waits for an answer.
///
/// @param requestTimeout zero: no end
record QueueLimits(int pendingMax, WhenFull whenFull, Duration requestTimeout) {}
