// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The program. A command line flows in; a running server, wired from all the modules, or a page of
/// text flows out. The one place that may print, and that sees every module.
@NullMarked
package io.freshet.dist;

import org.jspecify.annotations.NullMarked;
