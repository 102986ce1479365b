// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

/// What the way into the store costs.
///
/// @param latencyNanos from handing a batch to the store until it is committed, per batch
/// @param batchWrites writes per batch
/// @param fsyncNanos one sync of the write-ahead log
public record CommitMeters(Spread latencyNanos, Spread batchWrites, Spread fsyncNanos) {}
