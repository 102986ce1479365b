// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// What those who run the server may do over HTTP with the admin token: read and write records as
/// anybody would (ordinary commands flow to the engine), see who is connected, and close
/// connections.
@NullMarked
package io.freshet.server.admin;

import org.jspecify.annotations.NullMarked;
