// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.permissions.Choices.Candidate;
import io.freshet.server.permissions.Choices.Choice;
import io.freshet.server.permissions.RuleKind.Section;
import io.freshet.server.permissions.Run.Situation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The rules of a whole file. A rule that is the same for everybody is not run; the answer of one
/// that looks at nothing that changes is kept for the same user and name, that of one that looks at
/// a document for the same user (or everybody, where it does not look at that) and state of the
/// document; both up to a bound.
///
/// Threading: made by any thread, asked by one.
public final class RuleSet {
  /// The original asks about presence of everybody under this name.
  private static final String NO_NAME = "undefined";

  private static final GuardAnswer.Failed FAILED =
      new GuardAnswer.Failed("The permission rule for this could not be evaluated");

  private final Map<RuleKind, Choices> choices = new EnumMap<>(RuleKind.class);
  private final Answers answers = new Answers();
  private final Run run = new Run();
  private final boolean ofDocuments;
  private final boolean ofStreams;
  private final int size;
  private BiConsumer<String, String> failures = (rule, why) -> {};
  private Runnable evaluations = () -> {};

  /// @param entries of each section, in the order of the file
  RuleSet(Map<Section, List<Entry>> entries) {
    int rules = 0;
    for (RuleKind kind : RuleKind.values()) {
      choices.put(kind, new Choices(entries.getOrDefault(kind.section(), List.of()), kind));
    }
    for (List<Entry> section : entries.values()) {
      rules += section.stream().mapToInt(entry -> entry.rules().size()).sum();
    }
    this.size = rules;
    this.ofDocuments = entries.containsKey(Section.SYNC);
    this.ofStreams = entries.containsKey(Section.STREAM);
  }

  /// How many rules there are.
  public int size() {
    return size;
  }

  /// @param failures told the rule and the reason when one cannot be evaluated
  /// @param evaluations told of each evaluation
  void reportTo(BiConsumer<String, String> failures, Runnable evaluations) {
    this.failures = failures;
    this.evaluations = evaluations;
  }

  private Choices choices(RuleKind kind) {
    Choices found = choices.get(kind);
    if (found == null) {
      throw new IllegalStateException("a kind without rules: " + kind);
    }
    return found;
  }

  // What is asked.

  GuardAnswer check(GuardRequest request) {
    return switch (request.face()) {
      case RECORDS -> ofRecords(request);
      case DOCUMENTS -> ofDocuments ? ofDocuments(request) : ofRecords(request);
      case STREAMS -> ofStreams ? ofStreams(request) : ofRecords(request);
    };
  }

  /// By the sections of deepstream, which also govern the faces that have none of their own.
  private GuardAnswer ofRecords(GuardRequest request) {
    RuleKind kind = RuleKind.of(request.action());
    return switch (request.subject()) {
      case Subject.OfDocument(Document before, Document after) -> {
        boolean kept = request.face() != Face.RECORDS && request.action() == GuardAction.READ;
        JsonValue oldData = kept ? shown(before) : dataOf(before);
        yield ofDocument(kind, before.key().recordName(), before, dataOf(after), oldData, request);
      }
      case Subject.OfName(String collection, _) when kind == RuleKind.READ ->
          ofCollection(collection, request);
      case Subject.OfStream _ when request.action() == GuardAction.STREAM_NAME ->
          GuardAnswer.Allow.ALLOW;
      case Subject.OfStream(String collection, _) -> ofCollection(collection, request);
      case Subject.OfName(String name, JsonValue data) -> {
        Choice choice = choices(kind).of(name == null ? NO_NAME : name);
        var asked =
            new Situation(
                kind,
                request.principal(),
                name,
                null,
                null,
                choice.variables(),
                data,
                null,
                request.nowMs(),
                request.loaded());
        yield answer(choice, asked, name, null);
      }
    };
  }

  private GuardAnswer ofDocuments(GuardRequest request) {
    return switch (request.subject()) {
      case Subject.OfDocument(Document before, Document after) -> {
        RuleKind kind = kindOfDocument(request.action(), before);
        boolean reads = kind == RuleKind.DOCUMENT_READ;
        JsonValue data = reads ? shown(before) : liveDataOf(after);
        JsonValue oldData = reads ? data : liveDataOf(before);
        yield ofDocument(kind, fullName(before.key()), before, data, oldData, request);
      }
      case Subject.OfName(String collection, _) -> {
        RuleKind kind =
            request.action() == GuardAction.LIST
                ? RuleKind.COLLECTION_LIST
                : RuleKind.COLLECTION_SUBSCRIBE;
        GuardAnswer gate =
            collection == null ? ofAll(kind, request) : atGate(kind, collection, null, request);
        yield gate == GuardAnswer.Allow.ALLOW ? documentsOf(collection, request) : gate;
      }
      case Subject.OfStream _ -> throw new IllegalArgumentException("no stream is a document");
    };
  }

  private static RuleKind kindOfDocument(GuardAction action, Document before) {
    return switch (action) {
      case CREATE -> RuleKind.DOCUMENT_CREATE;
      case WRITE -> before.isLive() ? RuleKind.DOCUMENT_UPDATE : RuleKind.DOCUMENT_CREATE;
      case DELETE -> RuleKind.DOCUMENT_DELETE;
      case READ -> RuleKind.DOCUMENT_READ;
      case LIST,
          SUBSCRIBE,
          LISTEN,
          NOTIFY,
          EVENT_PUBLISH,
          EVENT_SUBSCRIBE,
          EVENT_LISTEN,
          RPC_PROVIDE,
          RPC_REQUEST,
          PRESENCE,
          STREAM,
          STREAM_LIVE,
          STREAM_NAME ->
          throw new IllegalArgumentException(action + " concerns no document");
    };
  }

  private GuardAnswer ofStreams(GuardRequest request) {
    return switch (request.subject()) {
      case Subject.OfStream(String collection, String name) ->
          atGate(
              switch (request.action()) {
                case STREAM_LIVE -> RuleKind.STREAM_LIVE;
                case STREAM_NAME -> RuleKind.STREAM_NAME;
                case GuardAction _ -> RuleKind.STREAM;
              },
              collection,
              name,
              request);
      case Subject.OfName(String collection, _) -> rowsOf(String.valueOf(collection), request);
      case Subject.OfDocument(Document document, _) -> {
        JsonValue data = shown(document);
        yield ofDocument(
            RuleKind.STREAM_ROW, document.key().collection(), document, data, data, request);
      }
    };
  }

  private static String fullName(DocumentKey key) {
    return key.collection() + "/" + key.id();
  }

  private static @Nullable JsonValue dataOf(Document document) {
    return document.isRecord() ? document.data() : null;
  }

  private static @Nullable JsonValue liveDataOf(Document document) {
    return document.isLive() ? document.data() : null;
  }

  /// What is shown of it: of a deleted one, what is kept for a restore.
  private static @Nullable JsonValue shown(Document document) {
    return document.isRecord() || document.data().isContainer() && document.revision() > 0
        ? document.data()
        : null;
  }

  /// @param name that a path has to fit
  private GuardAnswer ofDocument(
      RuleKind kind,
      String name,
      Document document,
      @Nullable JsonValue data,
      @Nullable JsonValue oldData,
      GuardRequest request) {
    Choice choice = choices(kind).of(name);
    var asked =
        new Situation(
            kind,
            request.principal(),
            name,
            document.key().collection(),
            document.key().id(),
            choice.variables(),
            data,
            oldData,
            request.nowMs(),
            request.loaded());
    String full = kind.isOfCollection() ? fullName(document.key()) : name;
    return answer(choice, asked, full, request.action() == GuardAction.READ ? document : null);
  }

  // Whole collections.

  /// Whoever wants a whole collection must be allowed to read each document in it, whatever its
  /// name and content: every rule that may concern one of them has to say so, and may look at
  /// nothing but the user.
  private GuardAnswer ofCollection(@Nullable String collection, GuardRequest request) {
    List<Candidate> concerning = choices(RuleKind.READ).concerning(collection);
    if (concerning.isEmpty() || !concerning.getLast().path().concernsAll(collection)) {
      return GuardAnswer.Deny.DENY;
    }
    for (Candidate candidate : concerning) {
      GuardAnswer answer = ofUser(RuleKind.READ, candidate, collection, request);
      if (answer != GuardAnswer.Allow.ALLOW) {
        return answer;
      }
    }
    return GuardAnswer.Allow.ALLOW;
  }

  /// Of all collections at once: each has to allow it.
  private GuardAnswer ofAll(RuleKind kind, GuardRequest request) {
    List<Candidate> all = choices(kind).all();
    if (all.isEmpty() || !all.getLast().path().isEverything()) {
      return GuardAnswer.Deny.DENY;
    }
    for (Candidate candidate : all) {
      GuardAnswer answer = ofUser(kind, candidate, null, request);
      if (answer != GuardAnswer.Allow.ALLOW) {
        return answer;
      }
    }
    return GuardAnswer.Allow.ALLOW;
  }

  /// Whether somebody may do something with a collection at all.
  ///
  /// @param name of a stream; null for none
  private GuardAnswer atGate(
      RuleKind kind, String collection, @Nullable String name, GuardRequest request) {
    Choice choice = choices(kind).of(collection);
    var asked =
        new Situation(
            kind,
            request.principal(),
            name,
            collection,
            null,
            choice.variables(),
            null,
            null,
            request.nowMs(),
            request.loaded());
    return answer(choice, asked, name == null ? collection : collection + "/" + name, null);
  }

  /// Whether the documents of a collection need be judged one by one. A rule that may concern one
  /// of them and looks at the time or other documents cannot be: what it says changes while the
  /// document does not.
  private GuardAnswer documentsOf(@Nullable String collection, GuardRequest request) {
    List<Candidate> concerning = choices(RuleKind.DOCUMENT_READ).concerning(collection);
    boolean all = !concerning.isEmpty() && concerning.getLast().path().concernsAll(collection);
    boolean some = false;
    for (Candidate candidate : concerning) {
      if (candidate.rule() instanceof Rule.Expression rule && rule.looksElsewhere()) {
        return GuardAnswer.Deny.DENY;
      }
      boolean allows =
          ofUser(RuleKind.DOCUMENT_READ, candidate, collection, request) == GuardAnswer.Allow.ALLOW;
      boolean open = isOpen(candidate) || collection == null && looksAtCollection(candidate);
      all &= allows && !open;
      some |= allows || open;
    }
    return all ? GuardAnswer.Allow.ALLOW : some ? GuardAnswer.Allow.EACH : GuardAnswer.Deny.DENY;
  }

  /// Whether what it says is another thing for each document.
  private static boolean isOpen(Candidate candidate) {
    return candidate.rule() instanceof Rule.Expression rule
        && !rule.isAboutUserOnly(candidate.path().variables());
  }

  private static boolean looksAtCollection(Candidate candidate) {
    return candidate.rule() instanceof Rule.Expression rule && rule.looksAtCollection();
  }

  private GuardAnswer rowsOf(String collection, GuardRequest request) {
    Choice choice = choices(RuleKind.STREAM_ROW).of(collection);
    boolean each =
        choice.candidate() != null
            && choice.candidate().rule() instanceof Rule.Expression rule
            && (rule.looksAtContent() || rule.used().contains(Variables.ID));
    return each ? GuardAnswer.Allow.EACH : atGate(RuleKind.STREAM_ROW, collection, null, request);
  }

  /// What a rule says that looks at nothing but the user; others deny.
  private GuardAnswer ofUser(
      RuleKind kind, Candidate candidate, @Nullable String collection, GuardRequest request) {
    boolean known = collection != null && !kind.isOfCollection();
    if (isOpen(candidate) || !known && looksAtCollection(candidate)) {
      return GuardAnswer.Deny.DENY;
    }
    var asked =
        new Situation(
            kind,
            request.principal(),
            null,
            collection,
            null,
            Map.of(),
            null,
            null,
            request.nowMs(),
            request.loaded());
    return evaluate(candidate.rule(), asked);
  }

  // What is the same for many.

  private @Nullable Candidate readRuleOf(Face face, DocumentKey key) {
    if (face == Face.DOCUMENTS && ofDocuments) {
      return choices(RuleKind.DOCUMENT_READ).of(fullName(key)).candidate();
    }
    return face == Face.STREAMS && ofStreams
        ? choices(RuleKind.STREAM_ROW).of(key.collection()).candidate()
        : choices(RuleKind.READ).of(key.recordName()).candidate();
  }

  boolean isSameForAll(Face face, DocumentKey key) {
    Candidate chosen = readRuleOf(face, key);
    return chosen == null || !(chosen.rule() instanceof Rule.Expression rule) || rule.isForAll();
  }

  boolean looksAtContent(Face face, DocumentKey key) {
    Candidate chosen = readRuleOf(face, key);
    return chosen != null && chosen.rule() instanceof Rule.Expression rule && rule.looksAtContent();
  }

  // Answers.

  /// A name no path is for may not be used.
  ///
  /// @param name under which the answer is kept
  /// @param document the committed state that is read, for answers that are kept for that; null for
  ///   others. What a rule is shown of one that is not live depends on who asks
  private GuardAnswer answer(
      Choice choice, Situation situation, @Nullable String name, @Nullable Document document) {
    Candidate candidate = choice.candidate();
    if (candidate == null) {
      return GuardAnswer.Deny.DENY;
    }
    if (!(candidate.rule() instanceof Rule.Expression rule)) {
      return evaluate(candidate.rule(), situation);
    }
    if (rule.isTimeless()) {
      return answers.of(
          situation.kind(), situation.principal(), name, () -> evaluate(rule, situation));
    }
    if (document == null || !document.isLive() || rule.looksElsewhere()) {
      return evaluate(rule, situation);
    }
    Principal principal = rule.isForAll() ? Principal.OPERATOR : situation.principal();
    return answers.of(situation.kind(), principal, document, () -> evaluate(rule, situation));
  }

  private GuardAnswer evaluate(Rule rule, Situation situation) {
    return switch (rule) {
      case Rule.Constant(boolean allows) ->
          allows ? GuardAnswer.Allow.ALLOW : GuardAnswer.Deny.DENY;
      case Rule.Expression expression -> {
        evaluations.run();
        GuardAnswer answer = run.ask(expression, situation);
        if (answer instanceof GuardAnswer.Failed(String why)) {
          failures.accept(expression.place(), why);
          yield FAILED;
        }
        yield answer;
      }
    };
  }
}
