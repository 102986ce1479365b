// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// In: what sources tell of their rows. Out: changes in their logs; and for the rest of the engine,
/// which collections are a source's, and their rows as documents.
@NullMarked
package io.freshet.engine.ingest;

import org.jspecify.annotations.NullMarked;
