// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.quarkus;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.FreshetClient;
import io.freshet.client.StreamOptions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

@ApplicationScoped
class Letters {
  record User(String email, String name) {}

  @Inject FreshetClient freshet;
  private ChangeStream<User> stream;

  void start(@Observes StartupEvent event) {
    stream = freshet.changes("User", User.class).stream(StreamOptions.named("letters"));
    stream.each(this::write);
  }

  private void write(Change<User> change) {
    if (change instanceof Change.Created<User>(User user, var place)) {
      System.out.println("Dear " + user.name());
    }
  }

  void stop(@Observes ShutdownEvent event) {
    await(stream.stop());
  }
}
