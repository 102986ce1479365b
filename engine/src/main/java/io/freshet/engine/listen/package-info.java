// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Active providers: watched names flow in, questions to listening sessions flow out (protocol
/// reference, section 8). Runs on the engine's thread.
@NullMarked
package io.freshet.engine.listen;

import org.jspecify.annotations.NullMarked;
