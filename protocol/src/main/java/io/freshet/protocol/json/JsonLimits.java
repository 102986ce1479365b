// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

/// Bounds on JSON from outside (design, section 5), the same at every door.
///
/// @param bytesMax longest accepted encoding of a document, in bytes
/// @param depthMax deepest nesting of containers; 1 admits `{}` only
/// @param membersMax most object members and array elements, all levels together
public record JsonLimits(int bytesMax, int depthMax, int membersMax) {
  public static final JsonLimits DEFAULT = new JsonLimits(1 << 20, 64, 100_000);
}
