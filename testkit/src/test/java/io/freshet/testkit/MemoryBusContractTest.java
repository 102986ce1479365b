// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.spi.Bus;

final class MemoryBusContractTest extends ClusterBusContractSuite {
  private final MemoryBus nodes = new MemoryBus();
  private int joined;

  @Override
  protected Bus open() {
    return nodes.join("node" + ++joined);
  }

  @Override
  protected void crash(Bus bus) {
    nodes.crash(bus.node());
  }

  @Override
  protected void refuse(Bus bus, boolean refuses) {
    nodes.refuse(bus.node(), refuses);
  }

  @Override
  protected void pump() {
    nodes.pump();
  }
}
