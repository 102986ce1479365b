// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Edits of documents as the documents face speaks them: field mutations, merge patches and JSON
/// patches (Sync contract 2.5 and 2.6). JSON flows in, typed edits come out; applied to a document
/// they give the next one and the resolved field operations the log keeps. Depends on `json`,
/// `path` and `error`.
@NullMarked
package io.freshet.protocol.mutation;

import org.jspecify.annotations.NullMarked;
