// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.spi.Durability;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is configured for the collections of one name or pattern; the rest is as for all.
record CollectionRule(String namePattern, Optional<Durability> durability, Pattern matcher) {

  static CollectionRule of(String namePattern, Settings settings) {
    String expression =
        Stream.of(namePattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return new CollectionRule(
        namePattern,
        settings.get(Keys.COLLECTION_DURABILITY, namePattern),
        Pattern.compile(expression, Pattern.DOTALL));
  }

  boolean isExact() {
    return !namePattern.contains("*");
  }

  boolean matches(String collection) {
    return matcher.matcher(collection).matches();
  }

  CollectionSettings over(CollectionSettings all) {
    return new CollectionSettings(durability.orElse(all.durability()));
  }
}
