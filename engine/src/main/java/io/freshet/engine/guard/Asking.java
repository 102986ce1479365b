// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.util.List;
import java.util.Map;

/// Asks the guard, and loads what it wants to see first. On the engine's thread.
public interface Asking {
  /// How often one command may ask for further documents.
  int ROUNDS_MAX = 3;

  String TOO_MANY_ROUNDS =
      "The permission rule asked for other documents more than " + ROUNDS_MAX + " times";

  /// @param loaded what [#load] has brought so far
  GuardAnswer ask(
      Principal principal,
      Face face,
      GuardAction action,
      Subject subject,
      Map<DocumentKey, Document> loaded);

  /// As [Guard#isSameForAll].
  boolean isSameForAll(Face face, DocumentKey key);

  /// As [Guard#looksAtContent].
  boolean looksAtContent(Face face, DocumentKey key);

  /// How often the rules have been replaced: what was allowed before has to be asked for again.
  long epoch();

  /// Loads committed documents into the map, then goes on, perhaps at once. One that cannot be
  /// loaded is left out: it is not known to be missing, and a guard that needs it asks once more.
  void load(List<DocumentKey> keys, Map<DocumentKey, Document> into, Runnable then);
}
