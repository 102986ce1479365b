// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What the server counts about itself. Numbers flow in from every part through small typed
/// holders; the Prometheus page flows out. Depends on nothing else of the server.
@NullMarked
package io.freshet.server.metrics;

import org.jspecify.annotations.NullMarked;
