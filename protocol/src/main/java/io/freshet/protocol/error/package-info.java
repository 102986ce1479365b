// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The error catalogue: every way Freshet can refuse, with a text that says what to do.
@NullMarked
package io.freshet.protocol.error;

import org.jspecify.annotations.NullMarked;
