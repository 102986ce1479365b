// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.spring;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import example.StartedServer;
import example.spring.Letters.User;
import io.freshet.client.ConnectionState;
import io.freshet.client.FreshetClient;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// The guide's Spring program, started and stopped.
@Timeout(120)
class SpringE2E {
  private static final int SECONDS_MAX = 30;

  @TempDir static Path folder;
  private static StartedServer server;

  @Configuration(proxyBeanMethods = false)
  @Import({FreshetConfiguration.class, Sessions.class, Letters.class})
  static class Program {
    final BlockingQueue<User> posted = new LinkedBlockingQueue<>();

    @Bean
    Consumer<User> postOffice() {
      return posted::add;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    server = StartedServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static ConfigurableApplicationContext program() {
    return new SpringApplicationBuilder(Program.class)
        .web(WebApplicationType.NONE)
        .bannerMode(Banner.Mode.OFF)
        .properties("freshet.url=" + server.url())
        .run();
  }

  @Test
  void worksAndGoesOnAfterARestart() throws Exception {
    FreshetClient freshet;
    try (var program = program()) {
      freshet = program.getBean(FreshetClient.class);
      var sessions = program.getBean(Sessions.class);
      assertEquals(1, sessions.join("s").participants());
      assertEquals(2, sessions.join("s").participants());
      // A new name begins when the server knows it: somebody who comes before gets no letter.
      do {
        create(freshet, "Early");
      } while (posted(program).poll(100, TimeUnit.MILLISECONDS) == null);
      create(freshet, "Ada");
      awaitLetter(program, "Ada");
    }
    assertEquals(ConnectionState.DISCONNECTED, freshet.state());

    try (var outside = FreshetClient.connect(server.url())) {
      create(outside, "Dan");
    }
    try (var program = program()) {
      awaitLetter(program, "Dan");
    }
  }

  private static void create(FreshetClient client, String name) {
    await(client.sync().collection("User", User.class).create(new User("a@example.com", name)));
  }

  private static BlockingQueue<User> posted(ConfigurableApplicationContext program) {
    return program.getBean(Program.class).posted;
  }

  private static void awaitLetter(ConfigurableApplicationContext program, String name)
      throws InterruptedException {
    User next = new User("", "Early");
    while (next != null && next.name().equals("Early")) {
      next = posted(program).poll(SECONDS_MAX, TimeUnit.SECONDS);
    }
    assertNotNull(next, "no letter came");
    assertEquals(name, next.name());
  }
}
