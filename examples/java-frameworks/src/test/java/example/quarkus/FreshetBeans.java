// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.quarkus;

import io.freshet.client.FreshetClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

@ApplicationScoped
class FreshetBeans {
  @Produces
  @Singleton // not @ApplicationScoped: a final class has no proxy
  FreshetClient freshet(@ConfigProperty(name = "freshet.url") String url) {
    return FreshetClient.builder(url).reconnectionAttempts(Integer.MAX_VALUE).build();
  }

  void close(@Disposes FreshetClient freshet) {
    freshet.close();
  }
}
