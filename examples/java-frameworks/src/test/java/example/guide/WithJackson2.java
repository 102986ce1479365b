// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.guide;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.client.FreshetClient;
import io.freshet.client.jackson.Jackson2Mapping;

final class WithJackson2 {
  private WithJackson2() {}

  static FreshetClient connect(String url) {
    return FreshetClient.builder(url).mapping(Jackson2Mapping.of(new ObjectMapper())).build();
  }
}
