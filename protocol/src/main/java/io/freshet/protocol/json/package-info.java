// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// JSON as immutable values with structural sharing, exact numbers and known encoded sizes; a
/// strict reader and a writer. Text flows in through [io.freshet.protocol.json.Json#parse] and out
/// through [io.freshet.protocol.json.Json#encode]. Depends on the error catalogue only.
@NullMarked
package io.freshet.protocol.json;

import org.jspecify.annotations.NullMarked;
