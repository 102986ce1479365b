// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

/// A statement that makes something that is missing.
///
/// @param why what is missing, without a full stop
/// @param sql with its semicolon
record Statement(String why, String sql) {}
