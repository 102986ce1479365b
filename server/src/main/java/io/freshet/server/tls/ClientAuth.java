// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.tls;

/// Whether clients show certificates of their own.
public enum ClientAuth {
  /// They are not asked.
  NONE,
  /// Who has one shows it; who has none comes in without.
  OPTIONAL,
  /// Who has none does not come in.
  REQUIRED
}
