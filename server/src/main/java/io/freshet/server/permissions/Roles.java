// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Names for conditions on users, and what the usual ones may do where the file does not say: a
/// client reads and subscribes, a service also writes and names streams, an admin does everything.
final class Roles {
  static final String KEY = "roles";

  private static final String ADMIN = "admin";
  private static final String SERVICE = "service";
  private static final String CLIENT = "client";

  private final Map<String, String> conditions = new LinkedHashMap<>();

  /// @throws RuleException if the condition is none on users
  void add(String role, String condition) {
    if (!condition.equals("true") && !condition.equals("false")) {
      Set<String> used = RuleText.check(condition, new Variables(RuleKind.ALLOW, List.of())).used();
      if (!Set.of(Variables.USER).containsAll(used)) {
        throw new RuleException("a role may look at user and nothing else");
      }
    }
    conditions.put(role, condition);
  }

  /// A rule that allows these roles.
  ///
  /// @throws RuleException if one of them is not there
  String anyOf(List<String> roles) {
    if (roles.isEmpty()) {
      return "false";
    }
    var parts = new ArrayList<String>();
    for (String role : roles) {
      String condition = conditions.get(role);
      if (condition == null) {
        throw new RuleException(
            "names the role \"%s\", which section %s does not have".formatted(role, KEY));
      }
      parts.add("(" + condition + ")");
    }
    return parts.contains("(true)") ? "true" : String.join(" || ", parts);
  }

  /// The rule for a face that has no section of its own; null where none of the usual roles is
  /// there.
  @Nullable String standard(RuleKind kind) {
    List<String> allowed =
        switch (kind) {
          case DOCUMENT_READ,
              COLLECTION_LIST,
              COLLECTION_SUBSCRIBE,
              STREAM,
              STREAM_LIVE,
              STREAM_ROW ->
              List.of(ADMIN, SERVICE, CLIENT);
          case DOCUMENT_CREATE, DOCUMENT_UPDATE, DOCUMENT_DELETE, STREAM_NAME ->
              List.of(ADMIN, SERVICE);
          case CREATE,
              READ,
              WRITE,
              DELETE,
              LISTEN,
              NOTIFY,
              PUBLISH,
              SUBSCRIBE,
              EVENT_LISTEN,
              PROVIDE,
              REQUEST,
              ALLOW ->
              List.of();
        };
    boolean usual =
        conditions.keySet().stream().anyMatch(List.of(ADMIN, SERVICE, CLIENT)::contains);
    return usual ? anyOf(allowed.stream().filter(conditions::containsKey).toList()) : null;
  }
}
