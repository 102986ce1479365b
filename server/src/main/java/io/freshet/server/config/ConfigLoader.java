// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes settings out of everything that was written: flag before environment before file before
/// default. Collects all problems before it complains.
final class ConfigLoader {
  private static final String VARIABLE_PREFIX = "FRESHET_";
  private static final int TYPO_EDITS_MAX = 2;
  private static final Pattern MODEL = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
  private static final int COLLECTION_NAME_BYTES_MAX = 128;

  private final Map<String, Key<?>> keysByPath = new HashMap<>();
  private final Set<String> groups = new LinkedHashSet<>();
  private final List<String> problems = new ArrayList<>();
  private final Settings settings = new Settings();
  private final List<Entry> auth = new ArrayList<>();
  private final List<Entry> sources = new ArrayList<>();

  ConfigLoader(List<Key<?>> keys) {
    for (Key<?> key : keys) {
      keysByPath.put(key.path(), key);
      for (int dot = key.path().indexOf('.'); dot > 0; dot = key.path().indexOf('.', dot + 1)) {
        groups.add(key.path().substring(0, dot));
      }
    }
  }

  /// What is set, as far as it can be understood; the rest is in {@link #problems}.
  Settings load(ConfigInput input) {
    if (!input.fileName().isEmpty()) {
      ConfigFile.read(input.fileName(), input.fileText(), input.environment(), problems)
          .forEach(this::take);
    }
    new TreeMap<>(input.environment()).forEach(this::takeVariable);
    input.flags().forEach(this::takeFlag);
    return settings;
  }

  /// What was written under `auth`, which has a reader of its own.
  List<Entry> auth() {
    return auth;
  }

  /// What was written under `sources`, likewise.
  List<Entry> sources() {
    return sources;
  }

  List<String> problems() {
    return problems;
  }

  private void takeVariable(String variable, String value) {
    if (!variable.startsWith(VARIABLE_PREFIX) || value.isEmpty()) {
      return;
    }
    var known = new TreeMap<String, Key<?>>();
    for (Key<?> key : keysByPath.values()) {
      if (!key.isPerName()) {
        known.put(key.variable(), key);
      }
    }
    Key<?> key = known.get(variable);
    if (key != null) {
      take(Entry.single(key.path(), value, "environment variable " + variable));
      return;
    }
    // Others may use the prefix too; but what looks like a slip of the hand is not passed over.
    String nearest = Names.nearest(variable, known.keySet());
    if (Names.distance(variable, nearest) <= TYPO_EDITS_MAX) {
      problems.add(
          "environment variable %s sets no key; did you mean %s?".formatted(variable, nearest));
    }
  }

  private void takeFlag(String flag) {
    int equals = flag.indexOf('=');
    if (equals < 0) {
      problems.add("--%s: needs a value, as in --%s=VALUE".formatted(flag, flag));
      return;
    }
    String path = flag.substring(0, equals);
    take(Entry.single(path, flag.substring(equals + 1), "--" + path));
  }

  private void take(Entry entry) {
    if (entry.path().equals("auth") || entry.path().startsWith("auth.")) {
      auth.add(entry);
      return;
    }
    if (entry.path().equals("sources") || entry.path().startsWith("sources.")) {
      sources.add(entry);
      return;
    }
    Key<?> key = keyOf(entry.path());
    if (key != null) {
      parse(key, entry);
    } else if (groups.contains(patternOf(entry.path()))) {
      problems.add(
          "%s: %s is a group of keys, it has no value of its own"
              .formatted(entry.origin(), entry.path()));
    } else {
      problems.add(
          "%s: unknown key %s; did you mean %s?"
              .formatted(entry.origin(), entry.path(), nearest(entry.path())));
    }
  }

  private @Nullable Key<?> keyOf(String path) {
    return keysByPath.get(patternOf(path));
  }

  /// `collections.driver.durability` as the key's path, `collections.*.durability`.
  private String patternOf(String path) {
    for (Key<?> key : keysByPath.values()) {
      if (key.isPerName() && path.startsWith(key.prefix())) {
        int end = path.indexOf('.', key.prefix().length());
        return key.prefix() + "*" + (end < 0 ? "" : path.substring(end));
      }
    }
    return path;
  }

  /// What stands where a per-name path has its `*`.
  private static String nameIn(String path, String pattern) {
    int from = pattern.indexOf('*');
    int end = path.indexOf('.', from);
    return path.substring(from, end < 0 ? path.length() : end);
  }

  /// Of all keys, and of the groups they form. The name of a collection or model is kept as it was
  /// written.
  private String nearest(String path) {
    var candidates = new ArrayList<>(keysByPath.keySet());
    candidates.addAll(groups);
    candidates.add("auth");
    candidates.add("sources");
    String pattern = patternOf(path);
    String nearest = Names.nearest(pattern, candidates);
    return pattern.contains("*") ? nearest.replace("*", nameIn(path, pattern)) : nearest;
  }

  private <T> void parse(Key<T> key, Entry entry) {
    try {
      if (key.isPerName()) {
        checkName(key, nameIn(entry.path(), key.path()));
      }
      T value = valueOf(key.type(), entry);
      settings.set(new Settings.Setting<>(key, entry.path(), value, entry.origin()));
    } catch (InvalidValueException e) {
      String shown = key.secret() ? "***" : String.join(",", entry.values());
      problems.add(
          "%s: %s %s, not \"%s\"".formatted(entry.origin(), entry.path(), e.getMessage(), shown));
    }
  }

  // A list type parses to a list, whatever form it was written in.
  @SuppressWarnings("unchecked")
  static <T> T valueOf(ValueType<T> type, Entry entry) {
    if (!entry.list()) {
      return type.parse(entry.values().getFirst());
    }
    if (type instanceof ValueType.Several<?> several) {
      return (T) several.parseEach(entry.values());
    }
    throw new InvalidValueException("takes one value");
  }

  private static void checkName(Key<?> key, String name) {
    if (key.prefix().equals(Keys.PULSE_COLLECTION.prefix())) {
      if (!MODEL.matcher(name).matches()) {
        throw new InvalidValueException("must name a model (a letter, then letters, digits and _)");
      }
    } else {
      checkCollection(name);
    }
  }

  private static void checkCollection(String name) {
    boolean forbidden =
        name.isEmpty()
            || name.getBytes(StandardCharsets.UTF_8).length > COLLECTION_NAME_BYTES_MAX
            || name.chars()
                .anyMatch(c ->
                    c == '/' || c == '>' || Character.isWhitespace(c) || Character.isISOControl(c));
    if (forbidden) {
      throw new InvalidValueException(
          "must name a collection (1 to 128 bytes without / . > or white space; * stands for"
              + " anything)");
    }
  }
}
