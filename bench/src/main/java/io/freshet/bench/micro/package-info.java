// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// JMH benchmarks of single steps on the hot paths: bytes or values in, nanoseconds and allocated
/// bytes per operation out. Run by `make jmh`.
@NullMarked
package io.freshet.bench.micro;

import org.jspecify.annotations.NullMarked;
