// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.Locale;

/// Finds out which field a method reference names.
final class FieldNames {
  private FieldNames() {}

  static String of(Getter<?, ?> getter) {
    try {
      Method replacement = getter.getClass().getDeclaredMethod("writeReplace");
      replacement.setAccessible(true);
      if (replacement.invoke(getter) instanceof SerializedLambda lambda
          && !lambda.getImplMethodName().startsWith("lambda$")) {
        return propertyOf(lambda.getImplMethodName());
      }
      throw FreshetClientException.invalid(
          "a field is named by a method reference such as User::email, not by a lambda");
    } catch (ReflectiveOperationException e) {
      throw FreshetClientException.invalid(
          "a field is named by a method reference such as User::email", e);
    } catch (InaccessibleObjectException e) {
      throw FreshetClientException.invalid(
          "the package of "
              + getter.getClass().getPackageName()
              + " has to be opened to io.freshet.client",
          e);
    }
  }

  /// `getEmail` and `isActive` are how beans name `email` and `active`.
  private static String propertyOf(String method) {
    int prefix = method.startsWith("get") ? 3 : method.startsWith("is") ? 2 : 0;
    if (prefix == 0 || method.length() == prefix || !Character.isUpperCase(method.charAt(prefix))) {
      return method;
    }
    return method.substring(prefix, prefix + 1).toLowerCase(Locale.ROOT)
        + method.substring(prefix + 1);
  }
}
