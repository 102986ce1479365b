// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Emission;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.TopicMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes events to the sessions of one event loop that subscribe to them: all of one delivery with
/// the same name as one [Batch].
///
/// Threading: confined to the event loop.
final class EventFanOut {
  private static final Logger log = LoggerFactory.getLogger(EventFanOut.class);

  private final DeepstreamLoop loop;
  private final SubscriberIndex<String, Emission> index = new SubscriberIndex<>();
  private final List<Subscribers<String, Emission>> reached = new ArrayList<>();
  private final Function<Emission, byte[]> encoder;

  EventFanOut(DeepstreamLoop loop) {
    this.loop = loop;
    this.encoder = emission -> encode(emission, loop.writer());
  }

  SubscriberIndex<String, Emission> index() {
    return index;
  }

  void events(List<Emission> emissions) {
    for (int i = 0; i < emissions.size(); i++) {
      Emission emission = emissions.get(i);
      Subscribers<String, Emission> subscribers = index.find(emission.name());
      if (subscribers != null && subscribers.arrive(emission)) {
        reached.add(subscribers);
      }
    }
    for (int i = 0; i < reached.size(); i++) {
      send(reached.get(i));
    }
    reached.clear();
  }

  private void send(Subscribers<String, Emission> subscribers) {
    List<Emission> arrived = subscribers.takeArrived();
    try {
      var batch = new Batch(loop, Topic.EVENT, arrived.size());
      for (int i = 0; i < arrived.size(); i++) {
        Emission emission = arrived.get(i);
        batch.add(new EventFrame(emission.encoded(encoder)), emission.emitter());
      }
      batch.sendTo(subscribers);
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("events could not be sent; their subscribers are disconnected", failure);
      for (Subscription<?> each = subscribers.first; each != null; each = each.next) {
        each.session.socket().close();
      }
    }
  }

  private static byte[] encode(Emission emission, FrameWriter out) {
    TopicMessage.of(EventAction.EMIT).name(emission.name()).data(emission.data()).writeTo(out);
    return out.toArray();
  }

  private static final class EventFrame implements SharedFrame {
    private final byte[] bytes;

    EventFrame(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public byte[] frame(boolean patchMulti) {
      return bytes;
    }

    @Override
    public int action(boolean patchMulti) {
      return EventAction.EMIT.number();
    }

    @Override
    public boolean isUniform() {
      return true;
    }
  }
}
