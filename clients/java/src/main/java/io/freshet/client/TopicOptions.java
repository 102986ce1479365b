// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What to be told of, and how.
///
/// @param topic `sync.<service>.updated`: every change of a document of that service; `.created`,
///   `.deleted`: the narrower ones. `*` stands for one segment, `**` or `>` for all that follow
/// @param returnMode what events carry
/// @param id only this document; null: all
/// @param filter conditions that must all hold. Keys: `id`, `operation`, else a path into the data.
///   Values: a literal (equality), or a map of `gt gte lt lte ne in exists prefix contains`
/// @param scope when a document that has to do with the filter is told of
/// @param snapshot first the documents that are there, as events of operation `snapshot`, then
///   changes, without a gap
/// @param recover event ids, one per log: begin with what came after them; empty: now
/// @param echo whether also what this client writes itself
/// @param conflateMs when this client is slow, only the newest state of each document; more than 0:
///   at most so often; null: everything
public record TopicOptions(
    String topic,
    ReturnMode returnMode,
    @Nullable String id,
    Map<String, ?> filter,
    TopicScope scope,
    boolean snapshot,
    List<String> recover,
    boolean echo,
    @Nullable Integer conflateMs) {
  public TopicOptions {
    recover = List.copyOf(recover);
  }

  /// Every event of a topic, with the data.
  public static TopicOptions of(String topic) {
    return new TopicOptions(
        topic, ReturnMode.FULL, null, Map.of(), TopicScope.ALL, false, List.of(), true, null);
  }

  /// Every change of a document of that service.
  public static TopicOptions updated(String service) {
    return of("sync." + service + ".updated");
  }

  /// What events carry.
  public TopicOptions returnMode(ReturnMode mode) {
    return new TopicOptions(topic, mode, id, filter, scope, snapshot, recover, echo, conflateMs);
  }

  /// Only events of that document.
  public TopicOptions id(String document) {
    return new TopicOptions(
        topic, returnMode, document, filter, scope, snapshot, recover, echo, conflateMs);
  }

  /// Only events of documents for which all of these hold.
  public TopicOptions filter(Map<String, ?> conditions) {
    return new TopicOptions(
        topic, returnMode, id, conditions, scope, snapshot, recover, echo, conflateMs);
  }

  /// When a document that has to do with the filter is told of.
  public TopicOptions scope(TopicScope when) {
    return new TopicOptions(
        topic, returnMode, id, filter, when, snapshot, recover, echo, conflateMs);
  }

  /// First the documents that are there, then changes, without a gap.
  public TopicOptions withSnapshot() {
    return new TopicOptions(topic, returnMode, id, filter, scope, true, recover, echo, conflateMs);
  }

  /// Begins with what came after these events: [Subscription#position] of an earlier one.
  public TopicOptions recover(List<String> eventIds) {
    return new TopicOptions(
        topic, returnMode, id, filter, scope, snapshot, eventIds, echo, conflateMs);
  }

  /// Without what this client writes itself.
  public TopicOptions withoutEcho() {
    return new TopicOptions(
        topic, returnMode, id, filter, scope, snapshot, recover, false, conflateMs);
  }

  /// Only the newest state of each document, at most every so many milliseconds, up to 60 000; 0:
  /// only while this client is slow.
  public TopicOptions conflated(int everyMs) {
    return new TopicOptions(topic, returnMode, id, filter, scope, snapshot, recover, echo, everyMs);
  }
}
