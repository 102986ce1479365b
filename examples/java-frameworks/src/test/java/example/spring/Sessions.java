// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.spring;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.DocumentCollection;
import io.freshet.client.FreshetClient;
import io.freshet.client.UpdateOptions;
import org.springframework.stereotype.Service;

@Service
class Sessions {
  record Session(String status, int participants) {
    Session joined() {
      return new Session(status, participants + 1);
    }
  }

  private final DocumentCollection<Session> sessions;

  Sessions(FreshetClient freshet) {
    sessions = freshet.sync().collection("session", Session.class);
  }

  Session join(String id) {
    var options = UpdateOptions.orCreate(() -> new Session("active", 0));
    return await(sessions.update(id, Session::joined, options)).data();
  }
}
