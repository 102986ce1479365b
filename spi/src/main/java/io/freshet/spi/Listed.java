// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.Document;

/// A document found by [Store#scan].
///
/// @param offset of its last change in its log; 0 if that is not known any more
public record Listed(Document document, long offset) {}
