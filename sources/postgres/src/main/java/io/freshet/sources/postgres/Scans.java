// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.sources.postgres.Scan.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All scans there are, and what came of them; what of it is kept with the source's progress. Not
/// for several threads.
final class Scans {
  /// So many finished snapshots are remembered, lest they are read again.
  private static final int DONE_MAX = 64;

  private final List<Scan> scans = new ArrayList<>();

  /// Collections whose rows are all held.
  private final Set<String> complete = new TreeSet<>();

  /// The one to be read from next; what is read before what else. Null if there is nothing to do.
  ///
  /// @param readable collections whose tables can be read
  @Nullable Scan next(Predicate<String> readable) {
    Scan best = null;
    for (Scan scan : scans) {
      boolean due = !scan.isDone() && scan.refusal() == null && readable.test(scan.collection);
      if (due && (best == null || scan.kind.compareTo(best.kind) < 0)) {
        best = scan;
      }
    }
    return best;
  }

  @Nullable Scan run(String name) {
    return scans.stream().filter(scan -> name.equals(scan.run)).findFirst().orElse(null);
  }

  /// The scan that completes a collection; null if that is so already.
  @Nullable Scan completing(String collection) {
    if (complete.contains(collection)) {
      return null;
    }
    return find(new Scan(Kind.COMPLETE, collection, null));
  }

  private Scan find(Scan wanted) {
    for (Scan scan : scans) {
      if (scan.isSame(wanted)) {
        return scan;
      }
    }
    scans.add(wanted);
    return wanted;
  }

  /// Begins a run anew.
  ///
  /// @param begun completed once it would go on after a restart
  void addRun(String collection, String run, CompletableFuture<Void> begun) {
    cancel(run);
    var scan = new Scan(Kind.RUN, collection, run);
    scan.begun = begun;
    scans.add(scan);
    List<Scan> done = scans.stream().filter(each -> each.run != null && each.isDone()).toList();
    if (done.size() > DONE_MAX) {
      scans.remove(done.getFirst());
    }
  }

  /// What [#text] said last is durable.
  void durable() {
    for (Scan scan : scans) {
      CompletableFuture<Void> begun = scan.begun;
      if (scan.isTold && begun != null) {
        scan.begun = null;
        begun.complete(null);
      }
    }
  }

  void cancel(String run) {
    scans.removeIf(scan -> run.equals(scan.run));
  }

  /// Everything held is to be read again, and nothing is complete.
  void refreshHeld(Set<String> collections) {
    complete.clear();
    scans.removeIf(scan -> scan.kind == Kind.HELD);
    scans.stream().filter(scan -> scan.kind == Kind.COMPLETE).forEach(Scan::restart);
    collections.forEach(each -> scans.add(new Scan(Kind.HELD, each, null)));
  }

  /// A scan is done: only snapshots are remembered as such.
  void finished(Scan scan) {
    if (scan.kind == Kind.COMPLETE) {
      complete.add(scan.collection);
    }
    if (scan.kind != Kind.RUN) {
      scans.remove(scan);
    }
  }

  /// Takes the reason why a scan has stopped; nobody waits for it any more, and whoever asks for a
  /// complete collection again has it tried again.
  List<CompletableFuture<Void>> refused(Scan scan) {
    List<CompletableFuture<Void>> waiting = List.copyOf(scan.waiting);
    scan.waiting.clear();
    if (scan.kind == Kind.COMPLETE) {
      scans.remove(scan);
    }
    return waiting;
  }

  /// Of a table that is not captured any more nothing is known later.
  void forget(Predicate<String> captured) {
    complete.removeIf(captured.negate());
  }

  List<Scan> all() {
    return List.copyOf(scans);
  }

  JsonObject text() {
    var texts = new ArrayList<JsonValue>();
    for (Scan scan : scans) {
      scan.isTold = true;
      texts.add(scan.text());
    }
    var names = new ArrayList<JsonValue>();
    complete.forEach(name -> names.add(JsonString.of(name)));
    JsonObject text =
        texts.isEmpty() ? JsonObject.empty() : JsonObject.of("scans", JsonArray.of(texts));
    return names.isEmpty() ? text : text.with("complete", JsonArray.of(names));
  }

  /// Goes on from what is durable.
  ///
  /// @param first whether nothing else is known: what is asked for meanwhile begins there, and what
  ///   is not asked for any more stays so
  void restore(JsonObject durable, boolean first) {
    complete.clear();
    strings(durable.get("complete")).forEach(complete::add);
    scans.forEach(Scan::tryAgain);
    List<Scan> asked = List.copyOf(scans);
    var kept = new ArrayList<Scan>();
    if (durable.get("scans") instanceof JsonArray texts) {
      texts.forEach(text -> {
        Scan scan = Scan.parse(text);
        if (scan != null && scan.kind == Kind.COMPLETE && scan.isDone()) {
          complete.add(scan.collection);
        }
        if (scan != null) {
          kept.add(scan);
        }
      });
    }
    for (Scan scan : asked) {
      kept.stream().filter(scan::isSame).findFirst().ifPresentOrElse(scan::goOn, scan::restart);
    }
    if (first) {
      kept.stream().filter(scan -> asked.stream().noneMatch(scan::isSame)).forEach(scans::add);
    }
  }

  private static List<String> strings(@Nullable JsonValue value) {
    var strings = new ArrayList<String>();
    if (value instanceof JsonArray array) {
      array.forEach(each -> {
        if (each instanceof JsonString string) {
          strings.add(string.value());
        }
      });
    }
    return strings;
  }
}
