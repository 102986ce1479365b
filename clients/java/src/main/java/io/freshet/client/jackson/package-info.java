// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Jackson in the place of the client's own mapping: types of the program flow in and JSON out, and
/// back. Both Jacksons are optional, and each class needs its own only. Depends on the client.
@NullMarked
package io.freshet.client.jackson;

import org.jspecify.annotations.NullMarked;
