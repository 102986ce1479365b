// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

/// Bounds on following and on reading collections.
///
/// @param recentChangesMax most changes of each log kept in memory for those who begin to follow
///   from a place a little behind
/// @param recentBytesMax most bytes of them, roughly
/// @param readsMax most reads of the store under way and waiting; further ones are refused with
///   `OVERLOADED`
/// @param pageBytesMax where a page of documents or changes ends early, roughly in bytes
public record FollowOptions(
    int recentChangesMax, long recentBytesMax, int readsMax, long pageBytesMax) {
  public static final FollowOptions DEFAULT = new FollowOptions(8192, 8L << 20, 1024, 1L << 20);
}
