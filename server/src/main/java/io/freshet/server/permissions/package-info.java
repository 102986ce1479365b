// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Who may do what, by rules of a file in the format of deepstream's Valve. In: the file, and the
/// engine's questions. Out: answers, on the engine's thread, without I/O; problems of the file with
/// their lines.
///
/// A rule is an expression in JavaScript. It is checked and written anew before Rhino runs it, in a
/// scope that holds nothing but what rules may use; see [RuleText] and [Run].
@NullMarked
package io.freshet.server.permissions;

import org.jspecify.annotations.NullMarked;
