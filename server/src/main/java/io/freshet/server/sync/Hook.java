// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

/// One wish of a [Group], where the index of filters finds it.
///
/// @param id of the subscription, the same for all of the group
record Hook(Group group, String id, Wish wish) {
  String ids() {
    return "[\"" + id + "\"]";
  }
}
