// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.spring;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.Filter;
import io.freshet.client.FreshetClient;
import io.freshet.client.StreamOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

@Component
class Letters implements SmartLifecycle {
  record User(String email, String name) {}

  private static final Logger LOG = LoggerFactory.getLogger(Letters.class);

  private final FreshetClient freshet;
  private final Consumer<User> postOffice;
  private @Nullable ChangeStream<User> stream;

  Letters(FreshetClient freshet, Consumer<User> postOffice) {
    this.freshet = freshet;
    this.postOffice = postOffice;
  }

  @Override
  public void start() {
    var options = StreamOptions.<User>named("letters").created(Filter.any());
    stream = freshet.changes("User", User.class).stream(options);
    // On a virtual thread. A change is acknowledged when the method has returned; if it throws,
    // the stream ends, and the change comes again when the name is asked for again.
    stream
        .each(this::write)
        .exceptionally(why -> {
          LOG.error("no more letters are written", why);
          return null;
        });
  }

  private void write(Change<User> change) {
    if (change instanceof Change.Created<User>(User user, var place)) {
      postOffice.accept(user);
    }
  }

  @Override
  public void stop() {
    if (stream != null) {
      await(stream.stop());
      stream = null;
    }
  }

  @Override
  public boolean isRunning() {
    return stream != null;
  }
}
