// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of a subscription once the server has acknowledged it.
///
/// @param recovered when it had to go on after an event: false if what was missed cannot be told
///   any more; null if there was nothing to go on after
/// @param position event ids, one per log: every change after them is delivered
public record SubscriptionInfo(String topic, @Nullable Boolean recovered, List<String> position) {}
