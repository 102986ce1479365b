// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

@NullMarked
package io.freshet.bench.load;

import org.jspecify.annotations.NullMarked;
