// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// How far a snapshot is.
///
/// @param rows read so far
/// @param estimate rows the table has, roughly; 0 while unknown
/// @param done whether all of them stand in the log
public record SnapshotProgress(long rows, long estimate, boolean done) {}
