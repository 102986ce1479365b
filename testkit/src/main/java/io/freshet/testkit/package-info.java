// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What tests of every module share: contract suites a store or bus must pass, the in-memory
/// reference store, fault injection, a clock that stands still and seeded generators. Stores flow
/// in (through the suites' `open` methods), verdicts flow out. Depends on `spi` and JUnit; no
/// product code depends on it.
@NullMarked
package io.freshet.testkit;

import org.jspecify.annotations.NullMarked;
