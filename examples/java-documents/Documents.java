// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Diff;
import io.freshet.client.Document;
import io.freshet.client.DocumentCollection;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.Mutations;
import io.freshet.client.ReturnMode;
import io.freshet.client.TopicEvent;
import io.freshet.client.TopicOptions;
import io.freshet.client.WriteOptions;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A session that several programs write: revisions, a conflict, and a topic that tells each
/// change.
final class Documents {
  record Session(String status, int participants, String notes) {
    Session ended() {
      return new Session("ended", participants, notes);
    }
  }

  public static void main(String[] args) throws Exception {
    String url = args.length > 0 ? args[0] : "ws://127.0.0.1:6020";
    try (var client = FreshetClient.connect(url);
        var watcher = FreshetClient.connect(url)) {
      // Told of every change of a session. Once it is ready, none is missed.
      var events = new LinkedBlockingQueue<TopicEvent<Session>>();
      var topic = TopicOptions.updated("session").returnMode(ReturnMode.DIFF);
      var subscription =
          watcher.sync().collection("session", Session.class).subscribe(topic, events::add);
      await(subscription.ready());

      String id = write(client.sync().collection("session", Session.class));
      for (boolean isThere = true; isThere; ) {
        TopicEvent<Session> event = next(events);
        isThere = !event.deleted();
        if (event.documentId().equals(id)) {
          System.out.println("told: revision " + event.revision() + ", " + said(event));
        }
      }
      subscription.close();
    }
  }

  /// @return the id of a session that has come and gone
  private static String write(DocumentCollection<Session> sessions) {
    Document<Session> made = await(sessions.create(new Session("active", 0, null)));
    System.out.println("made: revision " + made.revision() + ", " + made.data());
    String id = made.id();

    // Some members, and operations on fields. Each write is one revision.
    await(sessions.merge(id, Map.of("notes", "began late")));
    await(sessions.mutate(id, Mutations.begin().increment("participants", 2)));

    // Somebody who has read revision 1 must not overwrite that.
    try {
      await(sessions.replace(id, made.data().ended(), WriteOptions.expecting(made.revision())));
    } catch (FreshetClientException.Conflict e) {
      System.out.println(
          "conflict: " + e.code() + ", it is at " + e.details().get("currentRevision"));
    }

    // Reads, changes, writes, and begins again if somebody else was first.
    Document<Session> ended = await(sessions.update(id, Session::ended));
    System.out.println("ended: revision " + ended.revision() + ", " + ended.data());

    await(sessions.delete(id));
    System.out.println("there: " + await(sessions.find(id)).isPresent());
    return id;
  }

  private static String said(TopicEvent<Session> event) {
    Diff diff = event.diff();
    return diff == null || diff.isEmpty()
        ? event.operation()
        : event.operation() + "; added " + diff.added() + ", changed " + diff.changed().keySet();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("nothing came");
    }
    return next;
  }
}
