// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/// Topics of the documents face. Texts such as `sync.*.updated` flow in, answers to "is this change
/// for them, and on which topic" flow out. Depends on the values of `protocol` and on `error`.
@NullMarked
package io.freshet.protocol.topic;

import org.jspecify.annotations.NullMarked;
