// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.spi.Bus;
import io.freshet.testkit.BusContractSuite;

final class LocalBusContractTest extends BusContractSuite {
  @Override
  protected Bus open() {
    return new LocalBus("here");
  }
}
