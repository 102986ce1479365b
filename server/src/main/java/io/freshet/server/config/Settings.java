// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Parsed values by path, each with the place it came from.
final class Settings {
  private final Map<String, Setting<?>> byPath = new LinkedHashMap<>();

  /// @param path with the name or pattern in it where the key has a `*`
  record Setting<T>(Key<T> key, String path, T value, String origin) {
    String shown() {
      return key.secret() ? "***" : key.type().format(value);
    }
  }

  void set(Setting<?> setting) {
    byPath.put(setting.path(), setting);
  }

  /// The value set for the key, or its fallback.
  <T> T get(Key<T> key) {
    return find(key, key.path()).orElse(key.fallback());
  }

  /// The value set for one name or pattern, if any.
  <T> Optional<T> get(Key<T> key, String name) {
    return find(key, key.path().replace("*", name));
  }

  // What is stored under a path was parsed by that path's key, so it has that key's type.
  @SuppressWarnings("unchecked")
  private <T> Optional<T> find(Key<T> key, String path) {
    Setting<?> setting = byPath.get(path);
    return setting == null || !setting.key().equals(key)
        ? Optional.empty()
        : Optional.of((T) setting.value());
  }

  /// Where the value of a key came from.
  Optional<String> origin(Key<?> key) {
    return Optional.ofNullable(byPath.get(key.path())).map(Setting::origin);
  }

  /// What is set for names under one prefix (`collections.`).
  Collection<Setting<?>> perName(String prefix) {
    return byPath.values().stream()
        .filter(setting -> setting.key().isPerName() && setting.key().prefix().equals(prefix))
        .toList();
  }

  /// Every name under a prefix for which something is set, in the order of the sources.
  Set<String> names(String prefix) {
    var names = new LinkedHashSet<String>();
    for (Setting<?> setting : perName(prefix)) {
      names.add(setting.path().substring(prefix.length()).split("\\.", -1)[0]);
    }
    return names;
  }
}
