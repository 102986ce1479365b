// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// Somebody has opened a record that matches a pattern: will you provide it? Answer within the
/// server's `listen.responseTimeout`, or somebody else is asked.
///
/// Threading: any thread.
public interface ListenRequest {
  /// The record's name.
  String name();

  /// Yes: from now on the record has a provider, until [#onStop].
  void accept();

  /// No: somebody else is asked.
  void reject();

  /// Told when nobody has the record open any more, or the connection fell.
  void onStop(Runnable listener);
}
