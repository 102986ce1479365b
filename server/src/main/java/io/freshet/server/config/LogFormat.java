// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

/// Whom log lines are for.
public enum LogFormat {
  TEXT,
  JSON
}
