// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The logging backend. SLF4J events flow in; lines of text or JSON flow out to standard error.
/// Small and our own, because it is there before anything else: what it costs is cold start.
@NullMarked
package io.freshet.dist.log;

import org.jspecify.annotations.NullMarked;
