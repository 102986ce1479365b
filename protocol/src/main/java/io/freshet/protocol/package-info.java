// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The values everything else is about: documents, changes, positions and their names. Depends on
/// `json`, `path` and `error`.
@NullMarked
package io.freshet.protocol;

import org.jspecify.annotations.NullMarked;
