// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.ActionNames;
import io.freshet.server.deepstream.wire.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// What went over the deepstream door, by topic and action, since it was last asked for.
///
/// Threading: any thread.
public final class DeepstreamTraffic {
  private final List<LoopTraffic> loops = new ArrayList<>();
  private Totals before = Totals.NONE;

  /// What was counted. Nothing stands under what did not occur.
  ///
  /// @param received messages by topic and action, both as the protocol names them; an action that
  ///   means nothing is `UNKNOWN`
  /// @param sent likewise; a message to many counts once for each
  /// @param errors sent messages that say that something was refused or went wrong, by action,
  ///   whatever their topic
  public record Counts(
      Map<String, Map<String, Long>> received,
      Map<String, Map<String, Long>> sent,
      Logins logins,
      Map<String, Long> errors) {}

  /// Attempts to log in.
  public record Logins(long allowed, long declined) {}

  private record Totals(
      Map<Topic, long[]> received, Map<Topic, long[]> sent, long allowed, long declined) {
    static final Totals NONE = new Totals(Map.of(), Map.of(), 0, 0);
  }

  DeepstreamTraffic() {}

  /// The counters of one more event loop.
  synchronized LoopTraffic newLoop() {
    var loop = new LoopTraffic();
    loops.add(loop);
    return loop;
  }

  /// What was counted since the last call, or since the start.
  public synchronized Counts take() {
    Totals now =
        new Totals(
            byTopic(LoopTraffic::receivedTotal),
            byTopic(LoopTraffic::sentTotal),
            sum(loop -> loop.loginsTotal(true)),
            sum(loop -> loop.loginsTotal(false)));
    Totals last = before;
    before = now;
    Map<String, Map<String, Long>> sent = named(now.sent, last.sent);
    return new Counts(
        named(now.received, last.received),
        sent,
        new Logins(now.allowed - last.allowed, now.declined - last.declined),
        errors(now.sent, last.sent));
  }

  private interface Counter {
    long total(LoopTraffic loop, Topic topic, int action);
  }

  private Map<Topic, long[]> byTopic(Counter counter) {
    var totals = new LinkedHashMap<Topic, long[]>();
    for (Topic topic : Topic.values()) {
      var counts = new long[LoopTraffic.ACTIONS];
      for (int i = 0; i < counts.length; i++) {
        int action = i;
        counts[i] = sum(loop -> counter.total(loop, topic, action));
      }
      totals.put(topic, counts);
    }
    return totals;
  }

  private long sum(ToLongFunction<LoopTraffic> counter) {
    return loops.stream().mapToLong(counter).sum();
  }

  private static long since(Map<Topic, long[]> last, Topic topic, int action, long now) {
    long[] counts = last.get(topic);
    return counts == null ? now : now - counts[action];
  }

  private static Map<String, Map<String, Long>> named(
      Map<Topic, long[]> now, Map<Topic, long[]> last) {
    var all = new TreeMap<String, Map<String, Long>>();
    now.forEach((topic, counts) -> {
      for (int action = 0; action < counts.length; action++) {
        long more = since(last, topic, action, counts[action]);
        if (more > 0) {
          all.computeIfAbsent(topic.name(), _ -> new TreeMap<>())
              .merge(ActionNames.of(topic, action), more, Long::sum);
        }
      }
    });
    return all;
  }

  private static Map<String, Long> errors(Map<Topic, long[]> now, Map<Topic, long[]> last) {
    var errors = new TreeMap<String, Long>();
    now.forEach((topic, counts) -> {
      for (int action = 0; action < counts.length; action++) {
        long more = since(last, topic, action, counts[action]);
        if (more > 0 && (action >= Action.FIRST_ERROR || topic == Topic.PARSER)) {
          errors.merge(ActionNames.of(topic, action), more, Long::sum);
        }
      }
    });
    return errors;
  }
}
