package io.freshet.server.sync;

/// How events are framed.
enum Transport {
  WEB_SOCKET,
  SERVER_SENT_EVENTS
}
