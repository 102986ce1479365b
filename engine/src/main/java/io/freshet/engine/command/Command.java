// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.List;

/// Something a session wants done. Each is answered exactly once through its [ReplyTo], except
/// [Unwatch] and [Leave], which need no answer.
public sealed interface Command {

  /// A command that may change one document.
  sealed interface DocumentWrite extends Command {
    ReplyTo replyTo();

    DocumentKey key();
  }

  /// Replaces the whole document. Answered by `Committed` or `Rejected`.
  ///
  /// @param data an object or an array
  /// @param create whether a missing document is created
  record Replace(
      ReplyTo replyTo, DocumentKey key, JsonValue data, Condition condition, boolean create)
      implements DocumentWrite {}

  /// Edits fields, all or nothing. Answered by `Committed` or `Rejected`.
  record Edit(
      ReplyTo replyTo,
      DocumentKey key,
      List<FieldOperation> operations,
      Condition condition,
      boolean create)
      implements DocumentWrite {
    public Edit {
      operations = List.copyOf(operations);
    }
  }

  /// Deletes the document and drops its data. Answered by `Committed`, by `Done` when there is
  /// nothing to delete, or by `Rejected`. Everybody stops watching it.
  record Delete(ReplyTo replyTo, DocumentKey key) implements DocumentWrite {}

  /// Opens a missing document, so that it exists at its revision with `{}`. Answered by
  /// `Committed`, by `Done` when it exists, or by `Rejected`. [Watch] does this by itself.
  record Open(ReplyTo replyTo, DocumentKey key) implements DocumentWrite {}

  /// Reads one document without watching it. Answered by `State` or `Rejected`.
  record Read(ReplyTo replyTo, DocumentKey key) implements Command {}

  /// Starts watching documents. Answered by `Watching`, or by `Rejected` when the store fails.
  ///
  /// @param open whether missing documents are opened, so that they exist at their revision with
  ///   `{}` (a deepstream subscription does)
  record Watch(ReplyTo replyTo, List<DocumentKey> keys, boolean open) implements Command {
    public Watch {
      keys = List.copyOf(keys);
    }
  }

  /// Stops watching. Not answered.
  record Unwatch(Session session, List<DocumentKey> keys) implements Command {
    public Unwatch {
      keys = List.copyOf(keys);
    }
  }

  /// Reads the documents from the store again and sends watchers what differs. Answered by `Done`
  /// or `Rejected`.
  record Refresh(ReplyTo replyTo, List<DocumentKey> keys) implements Command {
    public Refresh {
      keys = List.copyOf(keys);
    }
  }

  /// Registers as a provider for names matching a pattern. Answered by `Done` or `Rejected`
  /// (`INVALID_PATTERN`, `LIMIT_REACHED`, `FORBIDDEN`).
  record Listen(ReplyTo replyTo, String pattern) implements Command {}

  /// Withdraws it. Answered by `Done`.
  record Unlisten(ReplyTo replyTo, String pattern) implements Command {}

  /// A listener's answer to [io.freshet.engine.feed.ListenSignal.Kind#FOUND]. Answered by `Done`;
  /// ignored unless this session was the one asked.
  record ListenAnswer(ReplyTo replyTo, String pattern, String name, boolean accept)
      implements Command {}

  /// The session is gone: it watches, listens and provides nothing any more. Not answered.
  record Leave(Session session) implements Command {}
}
