// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.freshet.client.jackson.Jackson2Mapping;
import io.freshet.client.jackson.Jackson3Mapping;
import io.freshet.protocol.json.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The client with object mappers of both Jacksons, as programs hand them over.
class JacksonTest {
  /// What the client does not map by itself.
  public static class Pizza {
    @JsonProperty("diameter_cm")
    public int diameter;

    public List<String> toppings = List.of();
    public BigDecimal price = BigDecimal.ZERO;
  }

  record Order(String table, Pizza pizza) {}

  static Stream<JsonMapping> both() {
    return Stream.of(
        Jackson2Mapping.of(new com.fasterxml.jackson.databind.ObjectMapper()),
        Jackson3Mapping.of(new tools.jackson.databind.ObjectMapper()));
  }

  @ParameterizedTest
  @MethodSource("both")
  void mapsWhatThisClientDoesNotKnow(JsonMapping jackson) {
    var mapper = new Mapper(jackson);
    String json =
        """
        {"table":"7","pizza":{"diameter_cm":32,"toppings":["ham"],"price":12.75},"id":"order/1"}\
        """;
    Order read = mapper.read(Json.parse(json), DataType.of(Order.class));
    assertEquals(32, read.pizza().diameter);
    assertEquals(List.of("ham"), read.pizza().toppings);
    assertEquals(new BigDecimal("12.75"), read.pizza().price);
    assertEquals(
        Json.parse(json.replace(",\"id\":\"order/1\"", "")), mapper.write(read), "without the id");
  }

  @ParameterizedTest
  @MethodSource("both")
  void mapsAreTheClientsOwn(JsonMapping jackson) {
    Map<String, Object> read =
        new Mapper(jackson).read(Json.parse("{\"a\":1,\"b\":[0.1]}"), DataType.MAPS);
    assertEquals(Map.of("a", 1L, "b", List.of(0.1)), read);
  }

  @ParameterizedTest
  @MethodSource("both")
  void whatDoesNotFitIsATypedError(JsonMapping jackson) {
    var mapper = new Mapper(jackson);
    FreshetClientException wrong =
        assertThrows(
            FreshetClientException.class,
            () -> mapper.read(Json.parse("{\"pizza\":7}"), DataType.of(Order.class)));
    assertInstanceOf(FreshetClientException.Invalid.class, wrong);
    assertThrows(FreshetClientException.class, () -> mapper.writeObject(List.of(1)));
  }
}
