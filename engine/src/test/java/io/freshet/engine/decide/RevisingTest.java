// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.command.Transformation;
import io.freshet.engine.command.Transformation.Transformed;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The rules of the Sync contract, sections 2.1 to 2.7, as the design's section 1 changes them.
class RevisingTest {
  /// An id that would spoil a message it were named in.
  private static final DocumentKey KEY = new DocumentKey("session", "conflict-x");

  private static final long NOW = 1_000_000;
  private static final JsonLimits LIMITS = new JsonLimits(1000, 8, 50);

  private static final Document MISSING = Document.missing(KEY);
  private static final Document OPENED = document(Life.OPENED, 0, JsonObject.empty());
  private static final Document OPENED_AGAIN = document(Life.OPENED, 4, JsonObject.empty());
  private static final Document LIVE = document(Life.LIVE, 5, Json.parse("{\"a\":1}"));
  private static final Document LIST = document(Life.LIVE, 5, Json.parse("[\"a\"]"));
  private static final Document TOMBSTONE = document(Life.TOMBSTONE, 6, Json.parse("{\"a\":1}"));
  private static final Document EMPTIED = document(Life.TOMBSTONE, 6, JsonNull.NULL);
  private static final Document EXPIRING = expiring(NOW + 1);

  private static final Revision CREATE = new Revision.Create(object("{\"b\":2}"), 0);
  private static final Revision REPLACE = new Revision.Replace(Json.parse("{\"b\":2}"));
  private static final Revision MERGE = new Revision.Transform(Operation.MERGE, set("b", "2"));
  private static final Revision MUTATE = new Revision.Transform(Operation.MUTATE, set("b", "2"));
  private static final Revision TOUCH = new Revision.Touch(NOW + 500);

  private static final List<Revision> ALL =
      List.of(
          CREATE, REPLACE, MERGE, MUTATE, TOUCH, Revision.Delete.DELETE, Revision.Restore.RESTORE);

  private static final ReplyTo NOBODY =
      new ReplyTo() {
        @Override
        public Session session() {
          throw new UnsupportedOperationException("a decision asks for no session");
        }

        @Override
        public void reply(Outcome outcome) {
          throw new UnsupportedOperationException("a decision answers nobody");
        }
      };

  private final List<GuardAction> asked = new ArrayList<>();
  private final List<Document> shown = new ArrayList<>();
  private GuardAction denied = GuardAction.PRESENCE;

  private static Document document(Life life, long revision, JsonValue data) {
    return new Document(KEY, life, revision, data, 100, 200, 0, "ada");
  }

  private static Document expiring(long expiresAt) {
    return new Document(KEY, Life.LIVE, 5, Json.parse("{\"a\":1}"), 100, 200, expiresAt, "ada");
  }

  private static JsonObject object(String json) {
    return (JsonObject) Json.parse(json);
  }

  private static Transformation set(String field, String json) {
    return (before, limits, now) -> {
      if (!(before instanceof JsonObject object)) {
        throw new AssertionError("transformations are for objects");
      }
      var operation = new FieldOperation.Set(RecordPath.parse(field), Json.parse(json));
      return new Transformed(object.with(field, Json.parse(json)), List.of(operation));
    };
  }

  private static Transformation failing(ErrorCode code, String message) {
    return (before, limits, now) -> {
      throw new FreshetException(code, message);
    };
  }

  private Decision decide(Revision revision, Terms terms, Document before) {
    asked.clear();
    shown.clear();
    GuardCheck guard =
        (action, subject) -> {
          asked.add(action);
          if (subject
              instanceof io.freshet.engine.guard.Subject.OfDocument(var state, Document after)) {
            shown.add(after);
          }
          return action == denied ? GuardAnswer.Deny.DENY : GuardAnswer.Allow.ALLOW;
        };
    return new Decider(LIMITS)
        .decide(
            new Command.Revise(NOBODY, KEY, revision, terms),
            before,
            new Circumstances(guard, "eve", NOW));
  }

  private Decision decide(Revision revision, Document before) {
    return decide(revision, Terms.NONE, before);
  }

  private Write accepted(Revision revision, Terms terms, Document before) {
    return assertInstanceOf(Decision.Accepted.class, decide(revision, terms, before)).write();
  }

  private Write accepted(Revision revision, Document before) {
    return accepted(revision, Terms.NONE, before);
  }

  private ErrorCode refused(Revision revision, Terms terms, Document before) {
    var rejected = assertInstanceOf(Decision.Rejected.class, decide(revision, terms, before));
    assertEquals(
        rejected.code().status() == 409,
        rejected.message().contains("conflict"),
        rejected.message());
    return rejected.code();
  }

  private ErrorCode refused(Revision revision, Document before) {
    return refused(revision, Terms.NONE, before);
  }

  private static Terms expecting(long revision) {
    return new Terms(revision, null, null, null);
  }

  private static Terms matching(long revision) {
    return new Terms(null, revision, null, null);
  }

  static Stream<Arguments> successes() {
    return Stream.of(
        Arguments.of(CREATE, MISSING, Operation.CREATE, 1L, "{\"b\":2}"),
        Arguments.of(CREATE, OPENED, Operation.CREATE, 1L, "{\"b\":2}"),
        Arguments.of(CREATE, OPENED_AGAIN, Operation.CREATE, 5L, "{\"b\":2}"),
        Arguments.of(CREATE, TOMBSTONE, Operation.CREATE, 7L, "{\"b\":2}"),
        Arguments.of(CREATE, EMPTIED, Operation.CREATE, 7L, "{\"b\":2}"),
        Arguments.of(REPLACE, LIVE, Operation.REPLACE, 6L, "{\"b\":2}"),
        Arguments.of(MERGE, LIVE, Operation.MERGE, 6L, "{\"a\":1,\"b\":2}"),
        Arguments.of(MUTATE, LIVE, Operation.MUTATE, 6L, "{\"a\":1,\"b\":2}"),
        Arguments.of(TOUCH, LIVE, Operation.MUTATE, 6L, "{\"a\":1}"),
        Arguments.of(Revision.Restore.RESTORE, TOMBSTONE, Operation.RESTORE, 7L, "{\"a\":1}"));
  }

  @ParameterizedTest
  @MethodSource("successes")
  void everyRevisionIsOneStep(
      Revision revision, Document before, Operation operation, long becomes, String data) {
    Write write = accepted(revision, before);
    assertEquals(operation, write.operation());
    assertEquals(before, write.before());
    assertEquals(becomes, write.after().revision());
    assertEquals(Life.LIVE, write.after().life());
    assertEquals(Json.parse(data), write.after().data());
    assertEquals("eve", write.actor());
  }

  @Test
  void deletingKeepsTheDataForARestoreAndEndsTheExpiry() {
    Write write = accepted(Revision.Delete.DELETE, EXPIRING);
    assertEquals(Operation.DELETE, write.operation());
    assertEquals(Life.TOMBSTONE, write.after().life());
    assertEquals(EXPIRING.data(), write.after().data());
    assertEquals(0, write.after().expiresAt());
    assertEquals(6, write.after().revision());
    assertEquals(100, write.after().createdAt());
  }

  @Test
  void deletingARecordDropsItsDataForGood() {
    var command = new Command.Delete(NOBODY, KEY);
    var decision =
        new Decider(LIMITS)
            .decide(
                command,
                LIVE,
                new Circumstances((action, subject) -> GuardAnswer.Allow.ALLOW, "eve", NOW));
    Document after = assertInstanceOf(Decision.Accepted.class, decision).write().after();
    assertEquals(JsonNull.NULL, after.data());
    assertEquals(ErrorCode.NOT_FOUND, refused(Revision.Restore.RESTORE, after));
  }

  @Test
  void anEmptyDocumentCanBeRestored() {
    Document empty = document(Life.LIVE, 1, JsonObject.empty());
    Document deleted = accepted(Revision.Delete.DELETE, empty).after();
    assertEquals(JsonObject.empty(), accepted(Revision.Restore.RESTORE, deleted).after().data());
  }

  @Test
  void deletingWhatIsDeletedIsFineAndDoesNothing() {
    assertEquals(
        Decision.Suppressed.SUPPRESSED, decide(Revision.Delete.DELETE, expecting(2), TOMBSTONE));
    assertEquals(Decision.Suppressed.SUPPRESSED, decide(Revision.Delete.DELETE, EMPTIED));
    assertEquals(
        Decision.Suppressed.SUPPRESSED,
        decide(Revision.Delete.DELETE, OPENED_AGAIN),
        "an opening is nothing this face can see");
    assertEquals(ErrorCode.NOT_FOUND, refused(Revision.Delete.DELETE, OPENED));
    assertEquals(ErrorCode.NOT_FOUND, refused(Revision.Delete.DELETE, MISSING));
  }

  @Test
  void whatDoesNotExistCannotBeChanged() {
    for (Document absent : List.of(MISSING, OPENED, OPENED_AGAIN, TOMBSTONE, EMPTIED)) {
      for (Revision revision : List.of(REPLACE, MERGE, MUTATE, TOUCH)) {
        assertEquals(ErrorCode.NOT_FOUND, refused(revision, absent), revision + " of " + absent);
        assertEquals(
            ErrorCode.NOT_FOUND,
            refused(revision, expecting(3), absent),
            "a stale revision of nothing is no conflict");
      }
    }
  }

  @Test
  void whatExistsCannotBeCreated() {
    assertEquals(ErrorCode.ALREADY_EXISTS, refused(CREATE, LIVE));
    assertEquals(ErrorCode.ALREADY_EXISTS, refused(Revision.Restore.RESTORE, LIVE));
  }

  @Test
  void onlyATombstoneWithDataIsRestored() {
    for (Document absent : List.of(MISSING, OPENED, OPENED_AGAIN, EMPTIED)) {
      assertEquals(ErrorCode.NOT_FOUND, refused(Revision.Restore.RESTORE, absent));
    }
    Write write = accepted(Revision.Restore.RESTORE, TOMBSTONE);
    assertEquals(100, write.after().createdAt(), "the life goes on");
    assertEquals(0, write.after().expiresAt());
  }

  @Test
  void revisionZeroMeansThatItMustNotExist() {
    for (Document absent : List.of(MISSING, OPENED, OPENED_AGAIN, TOMBSTONE, EMPTIED)) {
      for (Revision revision : List.of(CREATE, REPLACE, MERGE, MUTATE)) {
        for (Terms terms : List.of(expecting(0), matching(0))) {
          Write write = accepted(revision, terms, absent);
          assertEquals(Operation.CREATE, write.operation());
          assertEquals(absent.revision() + 1, write.after().revision());
          assertEquals(Json.parse("{\"b\":2}"), write.after().data(), "nothing of a former life");
          assertEquals(0, write.after().createdAt(), "a new life has new times");
          assertNull(write.operations());
        }
      }
      assertEquals(ErrorCode.NOT_FOUND, refused(TOUCH, expecting(0), absent));
    }
    for (Revision revision : List.of(REPLACE, MERGE, MUTATE, TOUCH, Revision.Delete.DELETE)) {
      assertEquals(ErrorCode.REVISION_CONFLICT, refused(revision, expecting(0), LIVE));
      assertEquals(ErrorCode.PRECONDITION_FAILED, refused(revision, matching(0), LIVE));
    }
  }

  @Test
  void theRevisionHasToBeTheExpectedOne() {
    for (Revision revision : List.of(REPLACE, MERGE, MUTATE, TOUCH, Revision.Delete.DELETE)) {
      assertEquals(6, accepted(revision, expecting(5), LIVE).after().revision());
      assertEquals(6, accepted(revision, matching(5), LIVE).after().revision());
      assertEquals(6, accepted(revision, new Terms(5L, 5L, null, null), LIVE).after().revision());
      assertEquals(ErrorCode.REVISION_CONFLICT, refused(revision, expecting(4), LIVE));
      assertEquals(ErrorCode.PRECONDITION_FAILED, refused(revision, matching(4), LIVE));
      assertEquals(
          ErrorCode.PRECONDITION_FAILED, refused(revision, new Terms(5L, 4L, null, null), LIVE));
    }
    assertEquals(7, accepted(CREATE, expecting(6), TOMBSTONE).after().revision());
    assertEquals(
        ErrorCode.REVISION_CONFLICT, refused(Revision.Restore.RESTORE, expecting(5), TOMBSTONE));
  }

  @Test
  void expectationsAreIntegersThatJavaScriptCanCount() {
    for (long wrong : new long[] {-1, 1L << 53, Long.MIN_VALUE}) {
      assertEquals(ErrorCode.INVALID_ARGUMENT, refused(REPLACE, expecting(wrong), LIVE));
      assertEquals(ErrorCode.INVALID_ARGUMENT, refused(REPLACE, matching(wrong), LIVE));
      assertEquals(ErrorCode.INVALID_ARGUMENT, refused(new Revision.Touch(wrong), LIVE));
      assertEquals(
          ErrorCode.INVALID_ARGUMENT,
          refused(new Revision.Create(JsonObject.empty(), wrong), MISSING));
    }
  }

  @Test
  void checksStandInOrder() {
    Terms wrong = expecting(-1);
    Terms stale = expecting(4);
    Revision large =
        new Revision.Replace(JsonObject.of("a", Json.parse('"' + "x".repeat(1000) + '"')));
    denied = GuardAction.WRITE;
    assertEquals(ErrorCode.FORBIDDEN, refused(large, wrong, MISSING));
    denied = GuardAction.PRESENCE;
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused(large, wrong, MISSING));
    assertEquals(ErrorCode.NOT_FOUND, refused(large, stale, MISSING));
    assertEquals(ErrorCode.REVISION_CONFLICT, refused(large, stale, LIVE));
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refused(large, LIVE));
    Revision broken =
        new Revision.Transform(Operation.MUTATE, failing(ErrorCode.TYPE_MISMATCH, "no number"));
    denied = GuardAction.WRITE;
    assertEquals(ErrorCode.FORBIDDEN, refused(broken, LIVE));
    denied = GuardAction.PRESENCE;
    assertEquals(ErrorCode.NOT_FOUND, refused(broken, TOMBSTONE));
    assertEquals(ErrorCode.REVISION_CONFLICT, refused(broken, stale, LIVE));
    assertEquals(ErrorCode.TYPE_MISMATCH, refused(broken, LIVE));
  }

  @Test
  void aFailedTransformationIsARefusalInItsOwnWords() {
    Revision test =
        new Revision.Transform(
            Operation.MUTATE, failing(ErrorCode.TEST_FAILED, "conflict: /a is not 2"));
    assertEquals(
        new Decision.Rejected(ErrorCode.TEST_FAILED, "conflict: /a is not 2"), decide(test, LIVE));
  }

  @Test
  void transformationsGetTheTimeAndTheLimits() {
    Revision stamp =
        new Revision.Transform(
            Operation.MUTATE,
            (before, limits, now) -> {
              assertEquals(LIMITS, limits);
              return new Transformed(JsonObject.of("at", JsonNumber.of(now)), List.of());
            });
    assertEquals(JsonObject.of("at", JsonNumber.of(NOW)), accepted(stamp, LIVE).after().data());
  }

  @Test
  void resolvedOperationsAreKept() {
    assertEquals(1, accepted(MUTATE, LIVE).operations().size());
    assertEquals(List.of(), accepted(TOUCH, LIVE).operations());
    assertNull(accepted(REPLACE, LIVE).operations());
    assertNull(accepted(Revision.Delete.DELETE, LIVE).operations());
  }

  @Test
  void theGuardIsAskedAsForRecords() {
    accepted(CREATE, MISSING);
    assertEquals(List.of(GuardAction.CREATE, GuardAction.WRITE), asked);
    accepted(MERGE, expecting(0), TOMBSTONE);
    assertEquals(List.of(GuardAction.CREATE, GuardAction.WRITE), asked);
    accepted(Revision.Restore.RESTORE, TOMBSTONE);
    assertEquals(List.of(GuardAction.CREATE, GuardAction.WRITE), asked);
    for (Revision revision : List.of(REPLACE, MERGE, MUTATE, TOUCH)) {
      accepted(revision, LIVE);
      assertEquals(List.of(GuardAction.WRITE), asked);
      assertEquals(6, shown.getFirst().revision());
    }
    accepted(Revision.Delete.DELETE, LIVE);
    assertEquals(List.of(GuardAction.DELETE), asked);
  }

  @Test
  void whoMayNotLearnsNothing() {
    denied = GuardAction.WRITE;
    for (Document before : List.of(MISSING, LIVE, TOMBSTONE)) {
      for (Revision revision : List.of(CREATE, REPLACE, MERGE, MUTATE, TOUCH)) {
        assertEquals(ErrorCode.FORBIDDEN, refused(revision, expecting(2), before));
      }
    }
    denied = GuardAction.DELETE;
    for (Document before : List.of(MISSING, LIVE, TOMBSTONE)) {
      assertEquals(ErrorCode.FORBIDDEN, refused(Revision.Delete.DELETE, before));
    }
  }

  @Test
  void aGuardThatNeedsDocumentsGetsThem() {
    var decision =
        new Decider(LIMITS)
            .decide(
                new Command.Revise(NOBODY, KEY, REPLACE, Terms.NONE),
                LIVE,
                new Circumstances(
                    (action, subject) -> new GuardAnswer.Needs(List.of(KEY)), "eve", NOW));
    assertEquals(new Decision.Needs(List.of(KEY)), decision);
  }

  @Test
  void aListIsReplacedByAnArrayOrDeleted() {
    Revision array = new Revision.Replace(Json.parse("[\"b\"]"));
    assertEquals(Json.parse("[\"b\"]"), accepted(array, LIST).after().data());
    assertEquals(Json.parse("[\"a\"]"), accepted(Revision.Delete.DELETE, LIST).after().data());
    for (Revision revision : List.of(REPLACE, MERGE, MUTATE, TOUCH)) {
      assertEquals(ErrorCode.TYPE_MISMATCH, refused(revision, LIST));
      assertEquals(ErrorCode.REVISION_CONFLICT, refused(revision, expecting(1), LIST));
    }
    assertEquals(ErrorCode.TYPE_MISMATCH, refused(array, LIVE), "nothing else becomes a list");
    assertEquals(ErrorCode.TYPE_MISMATCH, refused(array, expecting(0), MISSING));
    assertEquals(ErrorCode.TYPE_MISMATCH, refused(new Revision.Replace(JsonNumber.of(1)), LIVE));
    Document deleted = accepted(Revision.Delete.DELETE, LIST).after();
    assertEquals(LIST.data(), accepted(Revision.Restore.RESTORE, deleted).after().data());
  }

  @Test
  void dataKeepsToTheLimits() {
    JsonValue many = JsonArray.of(java.util.Collections.nCopies(50, JsonNumber.of(1)));
    Revision members = new Revision.Create(JsonObject.of("a", many), 0);
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refused(members, MISSING));
    Revision grown =
        new Revision.Transform(
            Operation.MERGE,
            (before, limits, now) -> new Transformed(JsonObject.of("a", many), List.of()));
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refused(grown, LIVE));
    Document oversized = document(Life.LIVE, 1, JsonObject.of("a", many));
    assertEquals(2, accepted(TOUCH, oversized).after().revision(), "its data is not new");
    assertEquals(2, accepted(Revision.Delete.DELETE, oversized).after().revision());
  }

  @Test
  void theTimeToLiveSurvivesEverythingButCreateTouchAndDelete() {
    for (Revision revision : List.of(REPLACE, MERGE, MUTATE)) {
      assertEquals(NOW + 1, accepted(revision, EXPIRING).after().expiresAt());
      assertEquals(0, accepted(revision, expecting(0), TOMBSTONE).after().expiresAt());
    }
    assertEquals(NOW + 500, accepted(TOUCH, EXPIRING).after().expiresAt());
    assertEquals(0, accepted(new Revision.Touch(0), EXPIRING).after().expiresAt());
    assertEquals(
        NOW + 9,
        accepted(new Revision.Create(JsonObject.empty(), NOW + 9), MISSING).after().expiresAt());
  }

  @Test
  void theTimeToLiveSurvivesWritesThroughTheRecordDoor() {
    var given = new Circumstances((action, subject) -> GuardAnswer.Allow.ALLOW, "eve", NOW);
    var edit =
        new Command.Edit(
            NOBODY,
            KEY,
            List.of(new FieldOperation.Set(RecordPath.parse("c"), Json.parse("3"))),
            Condition.Any.ANY,
            true);
    var replace =
        new Command.Replace(NOBODY, KEY, Json.parse("{\"c\":3}"), Condition.Any.ANY, true);
    for (Command.DocumentWrite command : List.of(edit, replace)) {
      var live = new Decider(LIMITS).decide(command, EXPIRING, given);
      assertEquals(NOW + 1, ((Decision.Accepted) live).write().after().expiresAt());
      var revived = new Decider(LIMITS).decide(command, TOMBSTONE, given);
      Write write = ((Decision.Accepted) revived).write();
      assertEquals(0, write.after().expiresAt());
      assertEquals(Json.parse("{\"c\":3}"), write.after().data(), "nothing of a former life");
      assertNull(write.operations(), "they do not lead from the tombstone's data");
    }
  }

  @Test
  void whatIsOverExpires() {
    Document over = expiring(NOW);
    Write write = accepted(Revision.Expire.EXPIRE, over);
    assertEquals(Operation.EXPIRE, write.operation());
    assertEquals(Life.TOMBSTONE, write.after().life());
    assertEquals(over.data(), write.after().data());
    assertEquals(0, write.after().expiresAt());
    assertEquals(Expiry.asOf(over, NOW), write.after());
    assertTrue(asked.isEmpty(), "time asks nobody");
    assertEquals(over.data(), accepted(Revision.Restore.RESTORE, write.after()).after().data());
    for (Document other : List.of(EXPIRING, LIVE, TOMBSTONE, MISSING)) {
      assertEquals(Decision.Suppressed.SUPPRESSED, decide(Revision.Expire.EXPIRE, other));
    }
  }

  @Test
  void theRequestIsHandedOn() {
    var request = new RequestKey("eve", "session/x", "k1");
    assertEquals(request, accepted(REPLACE, new Terms(null, null, request, "r"), LIVE).request());
    assertNull(accepted(REPLACE, LIVE).request());
  }

  @Test
  void noTextNamesTheDocumentButThoseOfConflicts() {
    for (Document before : List.of(MISSING, OPENED_AGAIN, LIVE, LIST, TOMBSTONE, EMPTIED)) {
      for (Revision revision : ALL) {
        for (Terms terms : List.of(Terms.NONE, expecting(3), matching(3), expecting(-1))) {
          if (decide(revision, terms, before) instanceof Decision.Rejected) {
            assertFalse(refused(revision, terms, before).name().isEmpty());
          }
        }
      }
    }
  }
}
