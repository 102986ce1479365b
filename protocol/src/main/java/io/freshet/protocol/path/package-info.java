// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Deepstream's record paths and the field operations they become. Texts such as
/// `pets[1].fur.color` flow in, edited documents flow out. Depends on `json` and `error`.
@NullMarked
package io.freshet.protocol.path;

import org.jspecify.annotations.NullMarked;
