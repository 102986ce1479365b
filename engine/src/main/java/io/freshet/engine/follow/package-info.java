// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Whole collections and their past: reading them page by page, and following what is committed
/// from a known place on. Published changes flow in; answers and the outlets that want each change
/// flow out.
@NullMarked
package io.freshet.engine.follow;

import org.jspecify.annotations.NullMarked;
