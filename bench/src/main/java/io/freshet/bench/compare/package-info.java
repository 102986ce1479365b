// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Side-by-side measurements: a plan of scenarios in, servers and load driver run as processes of
/// their own (alternately, pinned to one core each), and a Markdown report of medians out.
///
/// Depends on the JDK only; the load driver is reached through its command line.
@NullMarked
package io.freshet.bench.compare;

import org.jspecify.annotations.NullMarked;
