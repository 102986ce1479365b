// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

/// A place in a log. Offsets are contiguous within one epoch of one log; a new epoch means that
/// positions of the old one cannot be continued from (design, invariant 9).
///
/// @param epoch counts up from 1
/// @param offset the change's place; the first change of a log has offset 1
public record Position(LogId log, long epoch, long offset) {}
