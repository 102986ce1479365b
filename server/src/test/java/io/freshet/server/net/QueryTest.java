// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {

  @ParameterizedTest
  @CsvSource({
    "a=1, 1",
    "b=0&a=1&c=2, 1",
    "a=, ''",
    "a, ''",
    "a=b=c, b=c",
    "a=%20%C3%A4%2B%26%3D%25, ' ä+&=%'",
    "a=New+York, New York",
    "%61=1, 1",
    "&&a=1&, 1",
    "a=%e2%82%ac, €",
    "a=1;b=2, 1;b=2",
    "a=?/:@!$()*[]{}, ?/:@!$()*[]{}",
  })
  void readsOneParameter(String query, String value) {
    assertEquals(Optional.of(value), Query.of(query).one("a"));
  }

  @Test
  void tellsAbsentFromEmpty() {
    assertEquals(Optional.empty(), Query.of("").one("a"));
    assertEquals(Optional.empty(), Query.of("A=1&aa=2").one("a"));
    assertEquals(Optional.of(""), Query.of("a").one("a"));
    assertTrue(Query.of("").names().isEmpty());
  }

  @Test
  void keepsAllValuesInTheirOrder() {
    Query query = Query.of("topic=b&x=1&topic=a&topic=b");
    assertEquals(List.of("b", "a", "b"), query.all("topic"));
    assertEquals(List.of("topic", "x"), List.copyOf(query.names()));
    FreshetException twice = assertThrows(FreshetException.class, () -> query.one("topic"));
    assertEquals(ErrorCode.INVALID_ARGUMENT, twice.code());
    assertTrue(twice.getMessage().contains("topic"), twice::getMessage);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=%",
        "a=%4",
        "a=%zz",
        "a=%ff",
        "a=%C3",
        "%=1",
        "=1",
        "a=1&=",
        "a=ä",
        "a= ",
        "a=\u0001",
        "a=%ED%A0%80",
        "a=%\u0661\u0661"
      })
  void refusesWhatItCannotRead(String text) {
    FreshetException refusal = assertThrows(FreshetException.class, () -> Query.of(text));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refusal.code());
  }

  @Test
  void boundsTheNumberOfParameters() {
    assertEquals(256, Query.of("a&".repeat(255) + "a").all("a").size());
    assertThrows(FreshetException.class, () -> Query.of("a&".repeat(256) + "a"));
  }
}
