// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.freshet.dist;

import org.jspecify.annotations.NullMarked;
