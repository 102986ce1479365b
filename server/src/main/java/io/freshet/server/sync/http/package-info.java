// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// The documents face over HTTP: calls flow in, become requests of the face, and their answers flow
/// out with status, entity tags and headers.
@NullMarked
package io.freshet.server.sync.http;

import org.jspecify.annotations.NullMarked;
