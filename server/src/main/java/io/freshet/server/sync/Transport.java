// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

/// How events are framed.
enum Transport {
  WEB_SOCKET,
  SERVER_SENT_EVENTS
}
