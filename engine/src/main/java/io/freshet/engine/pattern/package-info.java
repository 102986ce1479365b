// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Patterns that clients match names with. JavaScript regular expressions flow in, yes or no for a
/// name flows out, with a known most cost. Depends on the error catalogue only.
@NullMarked
package io.freshet.engine.pattern;

import org.jspecify.annotations.NullMarked;
