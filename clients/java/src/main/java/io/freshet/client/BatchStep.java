// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// One write of a batch.
public sealed interface BatchStep {
  /// The collection.
  String service();

  /// Of the document; null where the server chooses.
  @Nullable String id();

  /// Null: whatever the document is at.
  @Nullable Long expectedRevision();

  /// @param id chosen by the server if null
  record Create(String service, @Nullable String id, Object data) implements BatchStep {
    @Override
    public @Nullable Long expectedRevision() {
      return null;
    }
  }

  /// As [DocumentCollection#replace(String, Object)].
  record Replace(String service, String id, Object data, @Nullable Long expectedRevision)
      implements BatchStep {}

  /// As [DocumentCollection#merge(String, Object)].
  record Merge(String service, String id, Object partial, @Nullable Long expectedRevision)
      implements BatchStep {}

  /// As [DocumentCollection#mutate(String, Mutations)].
  record Mutate(String service, String id, Mutations mutations, @Nullable Long expectedRevision)
      implements BatchStep {}

  /// As [DocumentCollection#delete(String)].
  record Delete(String service, String id, @Nullable Long expectedRevision) implements BatchStep {}

  /// As [DocumentCollection#restore(String)].
  record Restore(String service, String id, @Nullable Long expectedRevision) implements BatchStep {}
}
