// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.List;

/// Something about a database that a source cannot work with, or that will surprise somebody.
///
/// @param text one sentence or two
/// @param remedy statements that put it right, each with its semicolon; empty where none does
public record Finding(Severity severity, String text, List<String> remedy) {
  public enum Severity {
    /// Nothing, or not this table, can be told.
    ERROR,
    /// It works, and may stop to, or tells less than one may think.
    WARNING,
    /// How it is meant.
    NOTE
  }

  public Finding {
    remedy = List.copyOf(remedy);
  }

  static Finding error(String text, String... remedy) {
    return new Finding(Severity.ERROR, text, List.of(remedy));
  }

  static Finding warning(String text, String... remedy) {
    return new Finding(Severity.WARNING, text, List.of(remedy));
  }

  static Finding note(String text, String... remedy) {
    return new Finding(Severity.NOTE, text, List.of(remedy));
  }
}
