// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Has operations on documents done, and waits for their answers.
///
/// Threading: any thread.
interface Operations {
  Mapper mapper();

  CompletableFuture<Frame> read(String op, Consumer<FrameText> members);

  CompletableFuture<Frame> write(String op, WriteOptions options, Consumer<FrameText> members);

  /// Runs something that may block.
  void start(Runnable task);
}
