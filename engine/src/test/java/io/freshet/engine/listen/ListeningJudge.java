// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Knows the rules of listening and nothing of how they are carried out. It is told everything that
/// is done and every signal, refuses signals that break a rule at once, and says when everything
/// has settled whether something is owed.
///
/// The rules: one question at a time for a name, to a matching listener that was not asked before
/// in the same search, the earliest first (unless sessions are busy); answers, time-outs and losses
/// lead to the next; a search begins with the first watcher, the loss of a provider and the rematch
/// interval, and is taken up again by a new listener.
///
/// Where sessions are busy, a search may begin and wait unseen, so that what is owed by when, and
/// who was asked already in the same search, cannot be told from the signals and is not judged.
final class ListeningJudge implements Listening.Signals {
  private static final Map<String, Pattern> COMPILED = new HashMap<>();

  record Registration(Session session, String pattern, int number) {
    boolean matches(String name) {
      return COMPILED.computeIfAbsent(pattern, Pattern::compile).matcher(name).find();
    }
  }

  /// What is known about one watched name.
  private static final class Name {
    final Set<Registration> asked = new HashSet<>();
    @Nullable Registration question;
    @Nullable Registration provider;
    long askedAt;
    long exhaustedAt;

    /// The provider is gone, and watchers have not heard yet.
    boolean lossOwed;
  }

  private final Duration response;
  private final Duration rematch;
  private final boolean inOrder;
  private final int questionsMax;
  private final Map<String, Name> names = new HashMap<>();
  private final Map<List<Object>, Registration> registrations = new LinkedHashMap<>();
  private int lastNumber;
  long now;
  int signals;

  /// @param inOrder candidates are asked in order of registration
  /// @param questionsMax for one session at a time; 0 if sessions are never busy
  ListeningJudge(Duration response, Duration rematch, boolean inOrder, int questionsMax) {
    this.questionsMax = questionsMax;
    this.response = response;
    this.rematch = rematch;
    this.inOrder = inOrder;
  }

  void watched(String name) {
    names.computeIfAbsent(name, any -> new Name());
  }

  /// Who must be told, or null.
  @Nullable Registration unwatched(String name) {
    Name gone = names.remove(name);
    return gone == null ? null : gone.question != null ? gone.question : gone.provider;
  }

  void listen(Session session, String pattern) {
    registrations.computeIfAbsent(
        List.of(session, pattern), any -> new Registration(session, pattern, ++lastNumber));
  }

  void unlisten(Session session, String pattern) {
    Registration gone = registrations.remove(List.of(session, pattern));
    for (Name name : names.values()) {
      if (gone != null && gone.equals(name.question)) {
        name.question = null;
        name.exhaustedAt = now;
      }
      if (gone != null && gone.equals(name.provider)) {
        name.provider = null;
        name.lossOwed = true;
      }
    }
  }

  void leave(Session session) {
    for (Registration registration : List.copyOf(registrations.values())) {
      if (registration.session.equals(session)) {
        unlisten(session, registration.pattern);
      }
    }
  }

  /// The questions a session could answer now.
  List<Map.Entry<String, Registration>> open() {
    var open = new ArrayList<Map.Entry<String, Registration>>();
    names.forEach((text, name) -> {
      if (name.question != null) {
        open.add(Map.entry(text, name.question));
      }
    });
    open.sort(Map.Entry.comparingByKey());
    return open;
  }

  /// Called before the answer is given.
  void answer(Session session, String pattern, String text, boolean accept) {
    Name name = names.get(text);
    Registration registration = registrations.get(List.of(session, pattern));
    if (name == null || registration == null) {
      return;
    }
    if (registration.equals(name.question)) {
      name.question = null;
      name.exhaustedAt = now;
      if (accept) {
        name.provider = registration;
        acceptedOwed = text;
      }
    } else if (registration.equals(name.provider) && !accept) {
      name.provider = null;
      name.lossOwed = true;
    }
  }

  private @Nullable String acceptedOwed;
  @Nullable Registration removalOwed;

  @Override
  public void providerChanged(DocumentKey key, boolean hasProvider) {
    signals++;
    String text = key.recordName();
    if (hasProvider) {
      assertEquals(acceptedOwed, text);
      acceptedOwed = null;
      return;
    }
    Name name = known(text);
    assertTrue(name.lossOwed, () -> text + " has lost no provider");
    name.lossOwed = false;
    name.asked.clear();
    name.exhaustedAt = now;
  }

  private Name known(String text) {
    Name name = names.get(text);
    if (name == null) {
      return fail(text + " is not watched");
    }
    return name;
  }

  @Override
  public void toListener(Session session, ListenSignal signal) {
    signals++;
    Registration registration = registrations.get(List.of(session, signal.pattern()));
    if (registration == null) {
      fail(session + " does not listen any more: " + signal);
      return;
    }
    switch (signal.kind()) {
      case FOUND -> found(registration, signal.name(), known(signal.name()));
      case TIMED_OUT -> {
        Name name = known(signal.name());
        assertEquals(name.question, registration, signal::toString);
        assertEquals(name.askedAt + response.toNanos(), now, signal::toString);
        name.question = null;
        name.exhaustedAt = now;
      }
      case REMOVED -> {
        assertEquals(removalOwed, registration, signal::toString);
        removalOwed = null;
      }
    }
  }

  private void found(Registration registration, String text, Name name) {
    assertTrue(registration.matches(text), () -> registration + " does not match " + text);
    assertTrue(
        name.question == null && name.provider == null && !name.lossOwed,
        () -> text + " is not to be asked about: " + registration);
    if (questionsMax > 0) {
      long open =
          open().stream().filter(at -> at.getValue().session.equals(registration.session)).count();
      assertTrue(open < questionsMax, () -> registration + " is asked too much at a time");
    } else {
      judgeTurn(registration, text, name);
    }
    name.asked.add(registration);
    name.question = registration;
    name.askedAt = now;
  }

  /// Whether it is the listener's turn.
  private void judgeTurn(Registration registration, String text, Name name) {
    if (candidates(text, name).isEmpty()) {
      long waited = now - name.exhaustedAt;
      assertTrue(
          waited >= rematch.toNanos() * 15 / 16, () -> text + " is offered again after " + waited);
      name.asked.clear();
    }
    List<Registration> candidates = candidates(text, name);
    assertTrue(candidates.contains(registration), () -> registration + " asked twice: " + text);
    if (inOrder) {
      assertEquals(candidates.getFirst(), registration, () -> "not the next for " + text);
    }
  }

  /// Those that can still be asked, the earliest first.
  private List<Registration> candidates(String text, Name name) {
    return registrations.values().stream()
        .filter(registration -> !name.asked.contains(registration) && registration.matches(text))
        .toList();
  }

  void checkRemovalTold() {
    assertEquals(null, removalOwed);
  }

  /// Nothing is owed once all turns have run.
  void checkSettled(Listening listening) {
    assertEquals(null, acceptedOwed);
    assertEquals(
        names.keySet(),
        Set.copyOf(listening.watchedKeys().stream().map(DocumentKey::recordName).toList()));
    names.forEach((text, name) -> {
      assertEquals(
          name.provider != null,
          listening.hasProvider(DocumentKey.ofRecordName(text)),
          () -> text + " provided");
      assertTrue(!name.lossOwed, () -> "watchers of " + text + " do not know of the loss");
      if (name.question == null && name.provider == null && questionsMax == 0) {
        checkNobodyLeft(text, name);
      }
    });
  }

  private void checkNobodyLeft(String text, Name name) {
    assertEquals(List.of(), candidates(text, name), () -> "nobody is asked about " + text);
    boolean wanted = registrations.values().stream().anyMatch(any -> any.matches(text));
    assertTrue(
        !wanted || now < name.exhaustedAt + rematch.toNanos(),
        () -> text + " is not offered again");
  }
}
