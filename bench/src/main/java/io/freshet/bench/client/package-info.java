// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The Java client under load: a server's address flows in, events per second flow out.
@NullMarked
package io.freshet.bench.client;

import org.jspecify.annotations.NullMarked;
