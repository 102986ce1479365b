// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;

/// The state of one document at one revision. Immutable.
///
/// @param key its name
/// @param life whether it exists, and in which way
/// @param revision 0 for one never written; a tombstone and an opening keep the counter
/// @param data an object, or an array for deepstream lists. A tombstone keeps its last data for a
///   restore, or has `null` when that was dropped; otherwise `{}` unless live
/// @param createdAt milliseconds since 1970, of this life's first write; 0 if never written
/// @param updatedAt milliseconds since 1970, of the last write; never goes back for one document
/// @param expiresAt milliseconds since 1970, from when on it counts as deleted; 0 for never
/// @param updatedBy id of the user of the last write; empty if never written
public record Document(
    DocumentKey key,
    Life life,
    long revision,
    JsonValue data,
    long createdAt,
    long updatedAt,
    long expiresAt,
    String updatedBy) {

  /// One that does not expire; nobody is named.
  public Document(
      DocumentKey key, Life life, long revision, JsonValue data, long createdAt, long updatedAt) {
    this(key, life, revision, data, createdAt, updatedAt, 0, "");
  }

  /// The stages of a document (design, section 1).
  public enum Life {
    /// Never written, never opened.
    MISSING,
    /// Opened by a deepstream subscription: that face sees `{}`, the others see nothing.
    OPENED,
    LIVE,
    /// Deleted; the counter goes on with the next life.
    TOMBSTONE
  }

  public static Document missing(DocumentKey key) {
    return new Document(key, Life.MISSING, 0, JsonObject.empty(), 0, 0);
  }

  public boolean isLive() {
    return life == Life.LIVE;
  }

  /// Whether it is live and its time is over: it counts as deleted, whether or not anybody has
  /// written so yet.
  public boolean isExpired(long nowMs) {
    return isLive() && expiresAt != 0 && expiresAt <= nowMs;
  }

  /// Whether the deepstream face says the record exists.
  public boolean isRecord() {
    return life == Life.LIVE || life == Life.OPENED;
  }
}
