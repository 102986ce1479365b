// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The contracts plug-ins implement. Writes flow in through [io.freshet.spi.Store#commit],
/// committed changes flow out through [io.freshet.spi.Store#feed] and [io.freshet.spi.Store#read].
@NullMarked
package io.freshet.spi;

import org.jspecify.annotations.NullMarked;
