// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL tables as collections. In: logical replication of a database, and its rows where they
/// are asked for. Out: [io.freshet.spi.RowChange]s, in the order of the commits.
@NullMarked
package io.freshet.sources.postgres;

import org.jspecify.annotations.NullMarked;
