// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.follow.Permission;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonNull;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Keeps from those who may write a document and not read it what the answers to their writes would
/// tell of it: the documents face gets it without data, a record's writer is not told what somebody
/// else has written.
final class Disclosure {
  private final Permission permission;

  Disclosure(Permission permission) {
    this.permission = permission;
  }

  /// @param then takes what may be told, perhaps later
  void of(Principal principal, Face face, Outcome outcome, Consumer<Outcome> then) {
    switch (outcome) {
      case Outcome.Committed(Change change)
          when face == Face.DOCUMENTS && change.after().isLive() ->
          permission.mayRead(
              principal,
              face,
              change.after(),
              may -> then.accept(may ? outcome : new Outcome.Committed(blind(change))));
      case Outcome.State(Document document) when hasData(document) ->
          permission.mayRead(
              principal,
              face,
              document,
              may -> then.accept(may ? outcome : new Outcome.State(blind(document))));
      case Outcome.Rejected rejected
          when !isPermission(rejected.code()) && hasData(rejected.current()) ->
          permission.mayRead(
              principal,
              face,
              rejected.current(),
              may -> then.accept(may ? rejected : blind(face, rejected)));
      case Outcome _ -> then.accept(outcome);
    }
  }

  /// Several, in their order.
  void all(Principal principal, Face face, List<Outcome> outcomes, Consumer<List<Outcome>> then) {
    next(principal, face, outcomes, new ArrayList<>(outcomes.size()), then);
  }

  private void next(
      Principal principal,
      Face face,
      List<Outcome> outcomes,
      List<Outcome> told,
      Consumer<List<Outcome>> then) {
    // A loop as long as answers come at once, so that a large batch is no deep recursion.
    while (told.size() < outcomes.size()) {
      int place = told.size();
      boolean[] waiting = {false};
      of(
          principal,
          face,
          outcomes.get(place),
          outcome -> {
            told.add(outcome);
            if (waiting[0]) {
              next(principal, face, outcomes, told, then);
            }
          });
      if (told.size() == place) {
        waiting[0] = true;
        return;
      }
    }
    then.accept(told);
  }

  private static boolean hasData(Document document) {
    return document.isRecord() || document.data().isContainer() && document.revision() > 0;
  }

  private static boolean isPermission(ErrorCode code) {
    return code == ErrorCode.FORBIDDEN || code == ErrorCode.PERMISSION_ERROR;
  }

  private static Outcome blind(Face face, Outcome.Rejected rejected) {
    Document current = rejected.current();
    if (face == Face.DOCUMENTS) {
      return new Outcome.Rejected(rejected.code(), rejected.message(), blind(current));
    }
    boolean conflict = rejected.code() == ErrorCode.REVISION_CONFLICT;
    return new Outcome.Rejected(
        conflict ? ErrorCode.FORBIDDEN : rejected.code(),
        conflict ? "Another writer was first, and you may not read it" : rejected.message(),
        Document.missing(current.key()));
  }

  private static Change blind(Change change) {
    return new Change(
        change.id(),
        change.position(),
        change.operation(),
        blind(change.before()),
        blind(change.after()),
        null,
        change.actor(),
        change.batch(),
        null);
  }

  private static Document blind(Document document) {
    return new Document(
        document.key(),
        document.life(),
        document.revision(),
        JsonNull.NULL,
        document.createdAt(),
        document.updatedAt(),
        document.expiresAt(),
        document.updatedBy());
  }
}
