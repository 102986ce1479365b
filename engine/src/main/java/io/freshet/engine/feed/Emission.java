// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.json.JsonValue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An event on its way to subscribers, with room for its encoding, so that it is encoded once
/// however many event loops send it.
public final class Emission {
  private final String name;
  private final @Nullable JsonValue data;
  private final @Nullable Session emitter;
  private byte @Nullable [] encoded;

  /// @param data null for none
  /// @param emitter not sent its own event; null when it is a session of another node
  public Emission(String name, @Nullable JsonValue data, @Nullable Session emitter) {
    this.name = name;
    this.data = data;
    this.emitter = emitter;
  }

  public String name() {
    return name;
  }

  public @Nullable JsonValue data() {
    return data;
  }

  public @Nullable Session emitter() {
    return emitter;
  }

  /// The event as its one gateway sends it, made by the first loop that asks.
  public synchronized byte[] encoded(Function<Emission, byte[]> encoder) {
    byte[] known = encoded;
    if (known == null) {
      known = encoder.apply(this);
      encoded = known;
    }
    return known;
  }
}
