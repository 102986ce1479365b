// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The load driver: scenario and server address in, deepstream protocol over plain sockets out, and
/// a report of rates, latencies and processor time per operation back.
///
/// One thread drives every connection through one selector. The driver knows nothing of the
/// server's code, so that any server speaking the protocol is measured by the same hand. Depends on
/// HdrHistogram only.
@NullMarked
package io.freshet.bench.load;

import org.jspecify.annotations.NullMarked;
