// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import java.util.Map;
import java.util.Optional;

/// What the models of clients stand for here. Models that are not named stand for the collection of
/// their name.
///
/// @param byName of a model in the Prisma schema
public record PulseModels(Map<String, Mapping> byName) {
  public static final PulseModels NONE = new PulseModels(Map.of());

  private static final Mapping UNSAID = new Mapping(Optional.empty(), Optional.empty());

  /// What is said of one model.
  ///
  /// @param collection whose changes it gets; empty for the one named like its table, or like it
  /// @param idField the field the document's id fills; empty for `id`
  public record Mapping(Optional<String> collection, Optional<String> idField) {}

  public PulseModels {
    byName = Map.copyOf(byName);
  }

  Mapping of(String model) {
    return byName.getOrDefault(model, UNSAID);
  }
}
