// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// The right to move a cursor, until somebody else takes it.
///
/// @param token names this lease; those of a store ascend, over restarts too
/// @param cursor as it stood when it was leased
public record CursorLease(long token, Cursor cursor) {}
