// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One change a document has gone through.
///
/// @param id names the change, the same for ever
/// @param operation `create`, `replace`, `merge`, `mutate`, `delete`, `restore` or `expire`
/// @param actor who made it; null if that is not known
/// @param data what the document held afterwards; null where that is not told
/// @param diff what differed from before
public record HistoryEntry<T>(
    String id,
    String operation,
    long revision,
    Instant timestamp,
    @Nullable String actor,
    @Nullable T data,
    Diff diff) {}
