// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Benchmarks of the deepstream door's own codec, which no other package sees: frames in,
/// nanoseconds per message out.
@NullMarked
package io.freshet.server.deepstream;

import org.jspecify.annotations.NullMarked;
