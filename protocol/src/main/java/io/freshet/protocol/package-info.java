// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.freshet.protocol;

import org.jspecify.annotations.NullMarked;
