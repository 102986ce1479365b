// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The one filter language: Prisma's operators over dotted paths, with SQL's three-valued logic.
/// JSON filters of the Sync and Pulse contracts flow in through
/// [io.freshet.protocol.filter.SyncFilter] and [io.freshet.protocol.filter.PrismaFilter], compiled
/// [io.freshet.protocol.filter.Filter]s and, per change, those who asked for it
/// ([io.freshet.protocol.filter.FilterIndex]) flow out. Depends on the values of `protocol`, on
/// `mutation` for paths, on `json` and `error`.
@NullMarked
package io.freshet.protocol.filter;

import org.jspecify.annotations.NullMarked;
