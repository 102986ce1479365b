// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/// Rules about who may read which documents, each in the words of the file and as the test's own
/// opinion; and documents whose every state carries a mark that nothing else has.
public final class RowRules {
  public static final List<String> USERS = List.of("anna", "bert", "carl");
  public static final List<String> COLLECTIONS = List.of("note", "task");
  public static final Pattern MARK = Pattern.compile("m(\\d+)m");

  private RowRules() {}

  /// One state of one document.
  public record State(String collection, String id, String owner, boolean open, String mark) {
    public String key() {
      return collection + "/" + id;
    }

    /// With single quotation marks.
    public String json() {
      return "{'owner':'%s','open':%s,'mark':'%s'}".formatted(owner, open, mark);
    }
  }

  /// Who may read what; the same in the words of the file.
  public interface Reading {
    boolean allows(String user, State state);
  }

  /// @param reading who may read a document
  /// @param following who may have lists, topics and streams of a collection
  public record Rules(String sections, Reading reading, Reading following) {
    /// Whether this user may have lists, topics and streams of a collection.
    public boolean follows(String user) {
      return following.allows(user, new State("note", "0", "", false, ""));
    }

    /// Makes these the content of a file.
    public void place(Path file) {
      try {
        Files.writeString(file, sections + OTHERS);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final String OTHERS =
      """
      event: { "*": { publish: true, subscribe: true, listen: true } }
      rpc: { "*": { provide: true, request: true } }
      presence: { "*": { allow: true } }
      """;

  private static final String RECORDS =
      """
      record:
        "*": { create: true, read: %s, write: true, delete: true, listen: true, notify: true }
      """;

  /// @param read an expression about `data`; for records the same is said about `oldData`
  private static String sections(String read) {
    return RECORDS.formatted("\"" + read.replace("data.", "oldData?.") + "\"")
        + """
        sync:
          "*": { create: true, read: "%s", update: true, delete: true, list: true, subscribe: true }
        stream:
          "*": { stream: true, subscribe: true, name: true, row: "%s" }
        """
            .formatted(read, read);
  }

  public static final List<Rules> ALL =
      List.of(
          new Rules(
              sections("data.owner === user.id || data.open"),
              (user, state) -> state.owner.equals(user) || state.open,
              (_, _) -> true),
          new Rules(sections("data.open"), (_, state) -> state.open, (_, _) -> true),
          new Rules(sections("true"), (_, _) -> true, (_, _) -> true),
          new Rules(
              sections("user.id === 'anna' || data.owner === user.id"),
              (user, state) -> user.equals("anna") || state.owner.equals(user),
              (_, _) -> true),
          new Rules(
              sections("user.id === 'anna'"),
              (user, _) -> user.equals("anna"),
              (user, _) -> user.equals("anna")),
          new Rules(
              RECORDS.formatted("\"user.id === 'bert'\""),
              (user, _) -> user.equals("bert"),
              (user, _) -> user.equals("bert")));

  /// Whoever shows a name as its token is that user.
  public static final Authenticator TOKENS =
      attempt ->
          CompletableFuture.completedFuture(
              attempt.data().get("token") instanceof JsonString user
                  ? new Verdict.Accepted(user.value(), JsonObject.empty(), null, null, null)
                  : Verdict.NotMine.NOT_MINE);
}
