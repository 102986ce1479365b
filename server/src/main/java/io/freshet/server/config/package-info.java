// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Configuration. A file, the environment and the command line flow in; one checked, typed {@link
/// io.freshet.server.config.FreshetConfig} flows out. Only the composition root uses it, and hands
/// every part an options record of that part's own.
@NullMarked
package io.freshet.server.config;

import org.jspecify.annotations.NullMarked;
