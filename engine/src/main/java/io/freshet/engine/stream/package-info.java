// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What is said about change streams: which one is wanted, who has it, how far it is. Values only,
/// that flow between doors and the engine; who holds which stream is settled in
/// `io.freshet.engine.lease`.
@NullMarked
package io.freshet.engine.stream;

import org.jspecify.annotations.NullMarked;
