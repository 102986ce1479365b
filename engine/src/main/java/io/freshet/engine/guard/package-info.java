// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Who may do what: asked by the engine before every command and every subscription.
@NullMarked
package io.freshet.engine.guard;

import org.jspecify.annotations.NullMarked;
