// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.permissions.Choices.Candidate;
import io.freshet.server.permissions.Choices.Choice;
import io.freshet.server.permissions.Run.Situation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The rules of a whole file. A rule that is the same for everybody is not run; the answer of one
/// that looks at nothing that changes is kept for the same user and name, up to a bound.
///
/// Threading: made by any thread, asked by one.
public final class RuleSet {
  private static final int ANSWERS_MAX = 16_384;

  /// The original asks about presence of everybody under this name.
  private static final String NO_NAME = "undefined";

  private static final GuardAnswer.Failed FAILED =
      new GuardAnswer.Failed("The permission rule for this could not be evaluated");

  private final Map<RuleKind, Choices> choices = new EnumMap<>(RuleKind.class);
  private final Map<Asked, GuardAnswer> answers = new Choices.Recent<>(ANSWERS_MAX);
  private final Run run = new Run();
  private final int size;
  private BiConsumer<String, String> failures = (rule, why) -> {};

  /// Of one who asks for a name. Users are told apart by their login, not by their id.
  private record Asked(RuleKind kind, Login login, @Nullable String name) {}

  /// A principal compared by identity: comparing its data would take longer than the rule.
  private record Login(Principal principal) {
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Login that && principal == that.principal;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(principal);
    }
  }

  /// @param entries of each section, in the order of the file
  RuleSet(Map<RuleKind.Section, List<Entry>> entries) {
    int rules = 0;
    for (RuleKind kind : RuleKind.values()) {
      choices.put(kind, new Choices(entries.getOrDefault(kind.section(), List.of()), kind));
    }
    for (List<Entry> section : entries.values()) {
      rules += section.stream().mapToInt(entry -> entry.rules().size()).sum();
    }
    this.size = rules;
  }

  /// How many rules there are.
  public int size() {
    return size;
  }

  /// @param failures told the rule and the reason when one cannot be evaluated
  void reportTo(BiConsumer<String, String> failures) {
    this.failures = failures;
  }

  GuardAnswer check(GuardRequest request) {
    RuleKind kind = RuleKind.of(request.action());
    return switch (request.subject()) {
      case Subject.OfDocument(Document before, Document after) ->
          ofDocument(kind, before, after, request);
      case Subject.OfName(String collection, _) when kind == RuleKind.READ ->
          ofCollection(collection, request);
      case Subject.OfName(String name, JsonValue data) -> {
        Choice choice = choices(kind).of(name == null ? NO_NAME : name);
        yield answer(choice, situation(kind, request, name, choice.variables(), data, null));
      }
    };
  }

  private Choices choices(RuleKind kind) {
    Choices found = choices.get(kind);
    if (found == null) {
      throw new IllegalStateException("a kind without rules: " + kind);
    }
    return found;
  }

  private GuardAnswer ofDocument(
      RuleKind kind, Document before, Document after, GuardRequest request) {
    String name = before.key().recordName();
    Choice choice = choices(kind).of(name);
    Situation situation =
        situation(kind, request, name, choice.variables(), dataOf(after), dataOf(before));
    return answer(choice, situation);
  }

  private static @Nullable JsonValue dataOf(Document document) {
    return document.isRecord() ? document.data() : null;
  }

  /// Whoever wants a whole collection must be allowed to read each document in it, whatever its
  /// name and content: every rule that may concern one of them has to say so, and may look at
  /// nothing but the user.
  private GuardAnswer ofCollection(@Nullable String collection, GuardRequest request) {
    List<Candidate> concerning = choices(RuleKind.READ).concerning(collection);
    if (concerning.isEmpty() || !concerning.getLast().path().concernsAll(collection)) {
      return GuardAnswer.Deny.DENY;
    }
    for (Candidate candidate : concerning) {
      GuardAnswer answer = ofAll(candidate, request);
      if (answer != GuardAnswer.Allow.ALLOW) {
        return answer;
      }
    }
    return GuardAnswer.Allow.ALLOW;
  }

  private GuardAnswer ofAll(Candidate candidate, GuardRequest request) {
    if (candidate.rule() instanceof Rule.Expression rule
        && !rule.isAboutUserOnly(candidate.path().variables())) {
      return GuardAnswer.Deny.DENY;
    }
    return evaluate(
        candidate.rule(), situation(RuleKind.READ, request, null, Map.of(), null, null));
  }

  private static Situation situation(
      RuleKind kind,
      GuardRequest request,
      @Nullable String name,
      Map<String, String> variables,
      @Nullable JsonValue data,
      @Nullable JsonValue oldData) {
    return new Situation(
        kind,
        request.principal(),
        name,
        variables,
        data,
        oldData,
        request.nowMs(),
        request.loaded());
  }

  /// A name no path is for may not be used.
  private GuardAnswer answer(Choice choice, Situation situation) {
    Candidate candidate = choice.candidate();
    if (candidate == null) {
      return GuardAnswer.Deny.DENY;
    }
    if (!(candidate.rule() instanceof Rule.Expression rule && rule.isTimeless())) {
      return evaluate(candidate.rule(), situation);
    }
    var asked = new Asked(situation.kind(), new Login(situation.principal()), situation.name());
    GuardAnswer known = answers.get(asked);
    if (known == null) {
      known = evaluate(rule, situation);
      if (Choices.isRemembered(situation.name())) {
        answers.put(asked, known);
      }
    }
    return known;
  }

  private GuardAnswer evaluate(Rule rule, Situation situation) {
    return switch (rule) {
      case Rule.Constant(boolean allows) ->
          allows ? GuardAnswer.Allow.ALLOW : GuardAnswer.Deny.DENY;
      case Rule.Expression expression -> {
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
