// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// Which change a change is.
///
/// @param id names it for ever. Ids of a collection sort like its changes
/// @param snapshot whether the row was there before and is only read, see
///   [StreamOptions#withSnapshot]
public record ChangePlace(
    String id, String collection, String documentId, long revision, boolean snapshot) {}
