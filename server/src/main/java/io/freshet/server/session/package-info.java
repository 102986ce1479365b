// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What every gateway needs around a connection: who it is (logins flow in, verdicts out), the way
/// to the engine (commands flow in; answers to requests without a connection come out of the desk),
/// and the list of those that are logged in. Knows no wire protocol.
@NullMarked
package io.freshet.server.session;

import org.jspecify.annotations.NullMarked;
