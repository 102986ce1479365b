// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.server.files.UnusableFileException;
import io.freshet.server.permissions.RuleKind.Section;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Script;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads a permissions file: YAML, and so JSON, in the format of deepstream's Valve. Collects all
/// problems before it complains.
public final class RuleFile {
  private static final String SECTIONS =
      Stream.of(Section.values()).map(Section::key).collect(Collectors.joining(", "))
          + ", "
          + Roles.KEY;
  private static final int CHARACTERS_MAX = 4 << 20;
  private static final int ENTRIES_MAX = 10_000;

  private final String name;
  private final Sandbox sandbox = new Sandbox(_ -> {});
  private final List<String> problems = new ArrayList<>();
  private final Roles roles = new Roles();

  private RuleFile(String name) {
    this.name = name;
  }

  /// @param name for messages
  /// @throws UnusableFileException with everything that is wrong, each with its line
  public static RuleSet read(String name, String text) {
    var file = new RuleFile(name);
    Map<Section, List<Entry>> entries = file.sections(text);
    if (!file.problems.isEmpty()) {
      throw new UnusableFileException(
          "%s cannot be used:%n  - %s"
              .formatted(name, String.join(System.lineSeparator() + "  - ", file.problems)));
    }
    return new RuleSet(entries);
  }

  private Map<Section, List<Entry>> sections(String text) {
    var entries = new EnumMap<Section, List<Entry>>(Section.class);
    if (!(root(text) instanceof MappingNode root)) {
      if (problems.isEmpty()) {
        problems.add("%s: must be a mapping of %s".formatted(name, SECTIONS));
      }
      return entries;
    }
    Map<ScalarNode, Node> sections = members(root);
    sections.forEach((key, value) -> {
      if (key.getValue().equals(Roles.KEY)) {
        readRoles(key, value);
      }
    });
    sections.forEach((key, value) -> {
      Section section = section(key.getValue());
      if (key.getValue().equals(Roles.KEY)) {
        return;
      }
      if (section == null) {
        add(key, "%s is no section; there are %s".formatted(key.getValue(), SECTIONS));
      } else {
        entries.put(section, entries(section, key, value));
      }
    });
    for (Section section : Section.values()) {
      if (!section.isRequired() && !entries.containsKey(section)) {
        List<Entry> byRoles = byRoles(section);
        if (!byRoles.isEmpty()) {
          entries.put(section, byRoles);
        }
      } else if (!entries.containsKey(section)) {
        problems.add("%s: section %s is missing".formatted(name, section.key()));
      }
    }
    return entries;
  }

  /// What roles may do by themselves.
  private List<Entry> byRoles(Section section) {
    var rules = new EnumMap<RuleKind, Rule>(RuleKind.class);
    for (RuleKind kind : section.kinds()) {
      String text = roles.standard(kind);
      if (text == null) {
        return List.of();
      }
      String place = "%s: %s by role: %s".formatted(name, section.key(), kind.key());
      rules.put(kind, rule(kind, List.of(), place, text));
    }
    PathPattern all = PathPattern.ofDocuments(PathPattern.EVERYTHING);
    return List.of(new Entry(all, all, 0, rules));
  }

  private void readRoles(ScalarNode key, Node value) {
    if (!(value instanceof MappingNode mapping)) {
      add(key, "roles must map names to expressions over user");
      return;
    }
    members(mapping)
        .forEach((role, when) -> {
          try {
            roles.add(role.getValue(), expression(when));
          } catch (RuleException e) {
            add(role, "role %s: %s".formatted(role.getValue(), e.getMessage()));
          }
        });
  }

  private @Nullable Node root(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setMaxAliasesForCollections(0)
            .setCodePointLimit(CHARACTERS_MAX)
            .build();
    try {
      return new Compose(settings).composeString(text).orElse(null);
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
      problems.add("%s%s: not valid YAML: %s".formatted(name, line, e.getProblem()));
    } catch (YamlEngineException e) {
      problems.add("%s: not valid YAML: %s".formatted(name, e.getMessage()));
    }
    return null;
  }

  private static @Nullable Section section(String key) {
    return Stream.of(Section.values())
        .filter(section -> section.key().equals(key))
        .findFirst()
        .orElse(null);
  }

  private List<Entry> entries(Section section, ScalarNode key, Node value) {
    var entries = new ArrayList<Entry>();
    if (!(value instanceof MappingNode mapping) || mapping.getValue().isEmpty()) {
      add(key, "section %s must map paths to rules, \"*\" among them".formatted(section.key()));
      return entries;
    }
    if (mapping.getValue().size() > ENTRIES_MAX) {
      add(key, "section %s has more than %d paths".formatted(section.key(), ENTRIES_MAX));
      return entries;
    }
    members(mapping)
        .forEach((path, rules) -> {
          Entry entry = entry(section, entries.size(), path, rules);
          if (entry != null) {
            entries.add(entry);
          }
        });
    boolean hasAll =
        mapping.getValue().stream()
            .anyMatch(member ->
                member.getKeyNode() instanceof ScalarNode path
                    && path.getValue().equals(PathPattern.EVERYTHING));
    if (!hasAll) {
      add(
          key,
          "section %s has no \"*\", which says what holds for names no other path is for"
              .formatted(section.key()));
    }
    return entries;
  }

  private @Nullable Entry entry(Section section, int place, ScalarNode path, Node value) {
    PathPattern pattern;
    PathPattern collection;
    try {
      boolean records = section.isRequired();
      String text = path.getValue();
      if (section == Section.STREAM && text.indexOf('/') >= 0) {
        throw new RuleException("has a /; here paths are names of collections");
      }
      pattern = records ? PathPattern.of(text) : PathPattern.ofDocuments(text);
      collection = records ? pattern : PathPattern.ofCollections(text);
    } catch (RuleException e) {
      add(path, "%s \"%s\": the path %s".formatted(section.key(), path.getValue(), e.getMessage()));
      return null;
    }
    String kinds = section.kinds().stream().map(RuleKind::key).collect(Collectors.joining(", "));
    if (!(value instanceof MappingNode mapping)) {
      add(path, "%s \"%s\": must have rules: %s".formatted(section.key(), pattern.text(), kinds));
      return null;
    }
    var rules = new EnumMap<RuleKind, Rule>(RuleKind.class);
    members(mapping)
        .forEach((key, text) -> {
          RuleKind kind = kind(section, key.getValue());
          String about = "%s \"%s\" %s".formatted(section.key(), pattern.text(), key.getValue());
          if (kind == null) {
            add(key, "%s: there is no such rule here; there are %s".formatted(about, kinds));
            return;
          }
          try {
            if (kind.isOfCollection() && !PathPattern.isOfCollections(path.getValue())) {
              throw new RuleException(
                  "is about whole collections: its path must be one, like notes or notes/*");
            }
            List<String> variables = (kind.isOfCollection() ? collection : pattern).variables();
            rules.put(kind, rule(kind, variables, place(key) + ": " + about, expression(text)));
          } catch (RuleException e) {
            add(key, "%s: the rule %s".formatted(about, e.getMessage()));
          }
        });
    return new Entry(pattern, collection, place, rules);
  }

  private static @Nullable RuleKind kind(Section section, String key) {
    return section.kinds().stream().filter(kind -> kind.key().equals(key)).findFirst().orElse(null);
  }

  /// The text of a rule; of a list of roles, one that allows each of them.
  private String expression(Node value) {
    if (value instanceof SequenceNode list) {
      var names = new ArrayList<String>();
      for (Node each : list.getValue()) {
        names.add(each instanceof ScalarNode role ? role.getValue() : "");
      }
      return roles.anyOf(names);
    }
    if (!(value instanceof ScalarNode scalar)) {
      throw new RuleException("must be true, false, an expression in quotes or a list of roles");
    }
    boolean flag = scalar.getTag().equals(Tag.BOOL);
    if (!flag && !scalar.getTag().equals(Tag.STR)) {
      throw new RuleException("must be true, false, an expression in quotes or a list of roles");
    }
    return flag ? scalar.getValue().toLowerCase(Locale.ROOT) : scalar.getValue();
  }

  /// @param variables of its path
  private Rule rule(RuleKind kind, List<String> variables, String place, String text) {
    String constant = text.strip();
    if (constant.equals("true") || constant.equals("false")) {
      return new Rule.Constant(constant.equals("true"));
    }
    RuleText.Checked checked = RuleText.check(text, new Variables(kind, variables));
    boolean elsewhere =
        checked.used().contains(Variables.NOW) || checked.used().contains(Variables.REFERENCE);
    if (kind == RuleKind.STREAM_ROW && elsewhere) {
      throw new RuleException(
          "looks at the time or at other documents, which change while the row does not");
    }
    Script script = sandbox.compile(checked.source(), place);
    return new Rule.Expression(place, script, checked.regexes(), checked.used());
  }

  /// In the order of the file; without those that are set twice or have no plain key.
  private Map<ScalarNode, Node> members(MappingNode mapping) {
    var members = new java.util.LinkedHashMap<ScalarNode, Node>();
    var seen = new HashSet<String>();
    for (NodeTuple member : mapping.getValue()) {
      if (!(member.getKeyNode() instanceof ScalarNode key)) {
        add(member.getKeyNode(), "keys must be plain text");
      } else if (!seen.add(key.getValue())) {
        add(key, "\"%s\" is there twice".formatted(key.getValue()));
      } else {
        members.put(key, member.getValueNode());
      }
    }
    return members;
  }

  private void add(Node node, String problem) {
    problems.add(place(node) + ": " + problem);
  }

  private String place(Node node) {
    return node.getStartMark()
        .map(mark -> "%s line %d".formatted(name, mark.getLine() + 1))
        .orElse(name);
  }
}
