// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.FreshetConfig;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.pulse.PulseDoor;
import io.freshet.server.pulse.PulseModels;
import io.freshet.server.pulse.PulseOptions;
import io.freshet.server.session.Desk;
import java.util.HashMap;

/// The two routes of Pulse's clients.
final class PulseParts {
  private final PulseDoor.Parts parts;
  private final Metrics metrics;

  PulseParts(
      FreshetConfig config, DataParts data, Desk desk, IdentityParts identity, Metrics metrics) {
    this.metrics = metrics;
    this.parts =
        new PulseDoor.Parts(
            options(config),
            data.commands(),
            desk,
            identity.authenticator(),
            identity.proxies(),
            identity.connections(),
            System::nanoTime,
            data.sources()::model);
  }

  private static PulseOptions options(FreshetConfig config) {
    var models = new HashMap<String, PulseModels.Mapping>();
    config
        .pulseModels()
        .forEach((name, model) ->
            models.put(name, new PulseModels.Mapping(model.collection(), model.idField())));
    return new PulseOptions(
        new PulseModels(models),
        new DoorBounds(
            PulseOptions.HEARTBEAT,
            PulseOptions.IN_FLIGHT_MAX,
            PulseOptions.IN_FLIGHT_BYTES_MAX,
            config.limits().pendingBytesPerConnectionMax() / 4 * 3),
        Server.streamBounds(config),
        PulseOptions.OPEN_WITHIN);
  }

  PulseDoor stream() {
    String path = PulseDoor.STREAM;
    return PulseDoor.stream(parts, new PulseMeters(metrics, path), new StreamMeters(metrics, path));
  }

  PulseDoor subscribe() {
    String path = PulseDoor.SUBSCRIBE;
    return PulseDoor.subscribe(
        parts, new PulseMeters(metrics, path), new StreamMeters(metrics, path));
  }
}
