// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.io.Serializable;
import java.util.function.Function;

/// A method reference that names a field, such as `User::email`. Serializable, so that the name of
/// the method can be found out.
@FunctionalInterface
public interface Getter<T, V> extends Function<T, V>, Serializable {}
