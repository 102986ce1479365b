// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads a `freshet.yml` into entries with their lines, and puts the environment in for `${NAME}`.
/// Values stay text: only their key knows what they mean.
final class ConfigFile {
  private static final Pattern VARIABLE = Pattern.compile("\\$?\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
  private static final Set<String> LISTS_OF_MAPPINGS = Set.of("auth", "sources");
  private static final Pattern TABLES = Pattern.compile("sources\\.\\d+\\.tables");
  private static final int DEPTH_MAX = 10;

  private final String name;
  private final Map<String, String> environment;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> problems;

  private ConfigFile(String name, Map<String, String> environment, List<String> problems) {
    this.name = name;
    this.environment = environment;
    this.problems = problems;
  }

  /// @param name for messages
  /// @param problems takes whatever is wrong
  static List<Entry> read(
      String name, String text, Map<String, String> environment, List<String> problems) {
    var file = new ConfigFile(name, environment, problems);
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(name).build();
      Optional<Node> root = new Compose(settings).composeString(text);
      root.ifPresent(node -> file.visit("", node, 0));
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
      problems.add("%s%s: not valid YAML: %s".formatted(name, line, e.getProblem()));
    } catch (YamlEngineException e) {
      problems.add("%s: not valid YAML: %s".formatted(name, e.getMessage()));
    }
    return file.entries;
  }

  private void visit(String path, Node node, int depth) {
    if (depth > DEPTH_MAX) {
      problems.add("%s: nested too deeply".formatted(place(node)));
      return;
    }
    switch (node) {
      case MappingNode mapping -> visitMembers(path, mapping, depth);
      case SequenceNode sequence when LISTS_OF_MAPPINGS.contains(path) ->
          visitEntries(path, sequence, depth);
      case SequenceNode sequence -> visitList(path, sequence);
      case ScalarNode scalar -> {
        // An empty value ("server:" with everything below commented out) sets nothing.
        if (!scalar.getTag().equals(Tag.NULL)) {
          entries.add(Entry.single(path, substituted(scalar), place(scalar)));
        }
      }
      case AnchorNode _ -> problems.add("%s: aliases are not supported".formatted(place(node)));
      default -> problems.add("%s: unexpected YAML".formatted(place(node)));
    }
  }

  private void visitMembers(String path, MappingNode mapping, int depth) {
    var seen = new HashSet<String>();
    for (NodeTuple member : mapping.getValue()) {
      if (!(member.getKeyNode() instanceof ScalarNode key)) {
        problems.add("%s: keys must be plain text".formatted(place(member.getKeyNode())));
      } else if (!seen.add(key.getValue())) {
        problems.add("%s: %s is set twice".formatted(place(key), key.getValue()));
      } else {
        String below = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
        visit(below, member.getValueNode(), depth + 1);
      }
    }
  }

  /// The members of each entry, by its place: `auth.0.type`.
  private void visitEntries(String path, SequenceNode sequence, int depth) {
    int index = 0;
    for (Node element : sequence.getValue()) {
      if (element instanceof MappingNode mapping && !mapping.getValue().isEmpty()) {
        visitMembers(path + "." + index, mapping, depth + 1);
      } else {
        problems.add("%s: an entry of %s is a mapping with a type".formatted(place(element), path));
      }
      index++;
    }
  }

  private void visitList(String path, SequenceNode sequence) {
    var values = new ArrayList<String>();
    for (Node element : sequence.getValue()) {
      if (element instanceof ScalarNode scalar) {
        values.add(substituted(scalar));
      } else if (element instanceof MappingNode mapping && TABLES.matcher(path).matches()) {
        values.add(renamedTable(path, mapping));
      } else {
        problems.add("%s: %s takes a list of plain values".formatted(place(element), path));
      }
    }
    entries.add(new Entry(path, values, true, place(sequence)));
  }

  /// `{ table: T, collection: C }` as one text, `T as C`.
  private String renamedTable(String path, MappingNode mapping) {
    var members = new HashMap<String, String>();
    for (NodeTuple member : mapping.getValue()) {
      if (member.getKeyNode() instanceof ScalarNode key
          && member.getValueNode() instanceof ScalarNode value) {
        members.put(key.getValue(), substituted(value));
      }
    }
    if (!members.keySet().equals(Set.of("table", "collection"))) {
      problems.add(
          "%s: an entry of %s is a table's name, or a mapping of table and collection"
              .formatted(place(mapping), path));
    }
    return members.get("table") + SourceKeys.AS + members.get("collection");
  }

  /// `${NAME}` becomes the variable's value, `$${NAME}` stays as `${NAME}`.
  private String substituted(ScalarNode scalar) {
    Matcher matcher = VARIABLE.matcher(scalar.getValue());
    return matcher.replaceAll(found -> {
      if (found.group().startsWith("$$")) {
        return Matcher.quoteReplacement(found.group().substring(1));
      }
      String value = environment.get(found.group(1));
      if (value == null) {
        problems.add(
            "%s: the environment variable %s is not set".formatted(place(scalar), found.group(1)));
        return "";
      }
      return Matcher.quoteReplacement(value);
    });
  }

  private String place(Node node) {
    return node.getStartMark()
        .map(mark -> "%s line %d".formatted(name, mark.getLine() + 1))
        .orElse(name);
  }
}
