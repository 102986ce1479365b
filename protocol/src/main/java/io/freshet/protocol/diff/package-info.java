// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What differs between two states of a document, per field (Sync contract, section 5). Two
/// documents flow in; a diff, its JSON, and the mutations that repeat it flow out. Depends on
/// `json`, `mutation` and `error`.
@NullMarked
package io.freshet.protocol.diff;

import org.jspecify.annotations.NullMarked;
