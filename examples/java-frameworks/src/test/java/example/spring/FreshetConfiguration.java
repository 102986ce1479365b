// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.spring;

import io.freshet.client.FreshetClient;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FreshetProperties.class)
class FreshetConfiguration {
  @Bean // one connection for the whole program, closed with the context
  FreshetClient freshet(FreshetProperties properties) {
    var builder = FreshetClient.builder(properties.url()).reconnectionAttempts(Integer.MAX_VALUE);
    return properties.token() == null ? builder.build() : builder.token(properties.token()).build();
  }
}
