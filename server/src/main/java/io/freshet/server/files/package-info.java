// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Files that are read again when they change. In: paths. Out: what the files say, and problems in
/// words.
@NullMarked
package io.freshet.server.files;

import org.jspecify.annotations.NullMarked;
