// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.guide;

import io.freshet.client.FreshetClient;
import io.freshet.client.jackson.Jackson3Mapping;
import tools.jackson.databind.json.JsonMapper;

final class WithJackson3 {
  private WithJackson3() {}

  static FreshetClient connect(String url) {
    return FreshetClient.builder(url).mapping(Jackson3Mapping.of(JsonMapper.shared())).build();
  }
}
