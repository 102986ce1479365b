// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.protocol.DocumentKey;
import io.freshet.server.stream.StreamBounds;
import io.freshet.spi.Durability;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Every key there is, in the order of the reference page. The one place that knows their names,
/// defaults and bounds.
final class Keys {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  private static final int TOKEN_CHARS_MIN = 16;

  private static final ValueType<Durability> DURABILITY =
      new ValueType.Choice<>(List.of(Durability.MEMORY, Durability.OS, Durability.FSYNC));
  private static final ValueType<Duration> AGE =
      new ValueType.Time(Duration.ofMinutes(1), Duration.ofDays(3650));
  private static final ValueType<Long> LOG_BYTES = new ValueType.Size(MIB, 1024 * TIB);

  static final Key<String> HOST =
      new Key<>(
          "server.host",
          new ValueType.Text("address or name", text -> text),
          "127.0.0.1",
          "Where to listen. An address that others can reach is refused without `--insecure` as"
              + " long as there is no authentication (`auth`).");
  static final Key<Long> PORT =
      new Key<>(
          "server.port",
          new ValueType.Whole(0, 65_535),
          6020L,
          "The one port for everything. 0 picks a free one, named by the ready line.");
  static final Key<List<String>> HOSTS =
      new Key<>(
          "server.hosts",
          new ValueType.Several<>(new ValueType.Text("host names", Keys::hostName)),
          List.of(),
          "Names besides loopback and `server.host` that clients may use for this server (in the"
              + " `Host` header). Others are refused, or a web page could reach a local server"
              + " through a name of its own.");
  static final Key<List<String>> ORIGINS =
      new Key<>(
          "server.origins",
          new ValueType.Several<>(new ValueType.Text("origins", Keys::origin)),
          List.of(),
          "Web origins besides loopback whose pages may use this server, like"
              + " `https://app.example`.");
  static final Key<List<String>> TRUSTED_PROXIES =
      new Key<>(
          "server.trustedProxies",
          new ValueType.Several<>(new ValueType.Text("addresses or networks", Keys::network)),
          List.of(),
          "Proxies in front of this server, like `10.0.0.0/8`. What they say in"
              + " `server.forwardedHeader`, and nothing else, counts as the client's address, by"
              + " which connections and failed logins are counted.");
  static final Key<String> DATA =
      new Key<>(
          "data",
          new ValueType.Text("directory", text -> text),
          "./data",
          "Directory of the embedded store. Made if missing; relative to where the server is"
              + " started. One server at a time.");
  static final Key<Durability> DEFAULT_DURABILITY =
      new Key<>(
          "durability",
          DURABILITY,
          Durability.FSYNC,
          "What must have happened to a write before it is acknowledged: `memory` an unclean stop"
              + " may lose what was not flushed; `os` written, not synced: survives the process,"
              + " not a power cut; `fsync` synced to disk.");
  static final Key<Duration> RETENTION_AGE =
      new Key<>(
          "retention.age",
          AGE,
          Duration.ofDays(1),
          "How long changes stay readable in a log, for streams that resume. Documents stay until"
              + " they are deleted.");
  static final Key<Long> RETENTION_BYTES =
      new Key<>(
          "retention.bytes",
          LOG_BYTES,
          2 * GIB,
          "How large the kept changes of one log may grow; whichever of the two bounds comes"
              + " first. Changes of requests with an idempotency key stay for ten minutes anyhow.");
  static final Key<Duration> RETENTION_TOMBSTONES =
      new Key<>(
          "retention.tombstones",
          AGE,
          Duration.ofDays(1),
          "How long a deleted document is remembered: until then it can be restored, and its next"
              + " life continues its revisions. Clients that are away for longer may write the old"
              + " life's data back.");
  static final Key<Durability> COLLECTION_DURABILITY =
      new Key<>(
          "collections.*.durability",
          DURABILITY,
          Durability.FSYNC,
          "As `durability`, for the collections of this name or pattern.");
  static final Key<String> PULSE_COLLECTION =
      new Key<>(
          "pulse.models.*.collection",
          new ValueType.Text("name of a collection", Keys::collection),
          "",
          "The collection whose changes clients of the Pulse door get for this model. Without it,"
              + " the one named like the model's table (`@@map`), or like the model.");
  static final Key<String> PULSE_ID_FIELD =
      new Key<>(
          "pulse.models.*.idField",
          new ValueType.Text("name of a field", text -> text),
          "",
          "The field that gets the document's id where the document has no member of that name."
              + " Without it, `id`.");
  static final Key<Duration> TOKEN_LIFE =
      new Key<>(
          "http.tokenTtl",
          new ValueType.Time(Duration.ofSeconds(1), Duration.ofDays(365)),
          Duration.ofHours(12),
          "How long a token issued by `POST /api/auth` stands for its login. Tokens are kept in"
              + " memory: a restart ends them all. Of more than 100000 the oldest is forgotten.");
  static final Key<String> PERMISSIONS =
      new Key<>(
          "permissions",
          new ValueType.File(),
          "",
          "File of rules that say who may do what, in the format of deepstream's Valve; see the"
              + " guide on permissions. Without it whoever is logged in may do everything. Read"
              + " again when it changes.");
  static final Key<String> ADMIN_TOKEN =
      new Key<>(
          "admin.token",
          new ValueType.Secret(TOKEN_CHARS_MIN),
          "",
          "Secret that admin calls must show. Without one they are switched off.",
          true);
  static final Key<Duration> HTTP_REQUEST_TIMEOUT =
      new Key<>(
          "http.requestTimeout",
          new ValueType.Time(Duration.ofMillis(10), Duration.ofMinutes(10)),
          Duration.ofSeconds(20),
          "How long a request to `/api` is worked on. Messages that have no result by then are"
              + " answered with an error.");
  static final Key<Boolean> HTTP_AUTH_ENDPOINT =
      new Key<>(
          "http.authEndpoint",
          new ValueType.Flag(),
          true,
          "Whether `POST /api/auth` issues tokens.");
  static final Key<Boolean> HTTP_AUTH_DATA =
      new Key<>(
          "http.authData",
          new ValueType.Flag(),
          true,
          "Whether requests to `/api` may carry login data (`authData`) instead of a token.");
  static final Key<Duration> LISTEN_RESPONSE_TIMEOUT =
      new Key<>(
          "deepstream.listen.responseTimeout",
          new ValueType.Time(Duration.ofMillis(10), Duration.ofMinutes(10)),
          Duration.ofMillis(500),
          "How long a listener may take to accept or reject before the next one is asked.");
  static final Key<Duration> LISTEN_REMATCH =
      new Key<>(
          "deepstream.listen.rematchInterval",
          new ValueType.Time(Duration.ofSeconds(1), Duration.ofHours(1)),
          Duration.ofSeconds(30),
          "How often records that no listener wanted to provide are offered to them again.");
  static final Key<Boolean> LISTEN_SHUFFLE =
      new Key<>(
          "deepstream.listen.shuffleProviders",
          new ValueType.Flag(),
          true,
          "Ask listeners in random order, which spreads the load, instead of in order of"
              + " registration.");
  static final Key<Duration> RPC_ACCEPT_TIMEOUT =
      new Key<>(
          "deepstream.rpc.acceptTimeout",
          new ValueType.Time(Duration.ofMillis(10), Duration.ofHours(1)),
          Duration.ofSeconds(1),
          "How long a provider may take to accept, reject or answer a call before the caller is"
              + " told `ACCEPT_TIMEOUT`.");
  static final Key<Duration> RPC_RESPONSE_TIMEOUT =
      new Key<>(
          "deepstream.rpc.responseTimeout",
          new ValueType.Time(Duration.ofMillis(10), Duration.ofDays(1)),
          Duration.ofSeconds(10),
          "How long a provider may take to answer a call before the caller is told"
              + " `RESPONSE_TIMEOUT`.");
  static final Key<Boolean> RPC_REQUESTOR_NAME =
      new Key<>(
          "deepstream.rpc.provideRequestorName",
          new ValueType.Flag(),
          false,
          "Tell providers the user id of the caller.");
  static final Key<Boolean> RPC_REQUESTOR_DATA =
      new Key<>(
          "deepstream.rpc.provideRequestorData",
          new ValueType.Flag(),
          false,
          "Tell providers the client data that the caller was given at its login.");
  static final Key<Boolean> FEATURE_RECORD = feature("record", "Records and lists");
  static final Key<Boolean> FEATURE_EVENT = feature("event", "Events");
  static final Key<Boolean> FEATURE_RPC = feature("rpc", "Remote procedure calls");
  static final Key<Boolean> FEATURE_PRESENCE = feature("presence", "Presence");
  static final Key<Duration> UNAUTHENTICATED_TIMEOUT =
      new Key<>(
          "deepstream.unauthenticatedTimeout",
          new ValueType.Time(Duration.ofMillis(100), Duration.ofDays(1)),
          Duration.ofMinutes(3),
          "How long a client may stay connected without having logged in.");
  static final Key<Long> MAX_AUTH_ATTEMPTS =
      new Key<>(
          "deepstream.maxAuthAttempts",
          new ValueType.Whole(1, 1000),
          3L,
          "How many failed logins a connection may make before it is closed.");
  static final Key<Duration> HEARTBEAT_INTERVAL =
      new Key<>(
          "deepstream.heartbeatInterval",
          new ValueType.Time(Duration.ofMillis(500), Duration.ofHours(1)),
          Duration.ofSeconds(30),
          "How often clients are expected to show a sign of life. A connection silent for more than"
              + " twice as long is closed. Give clients the same value.");
  static final Key<Boolean> STREAMS_ENABLED =
      new Key<>(
          "streams.enabled",
          new ValueType.Flag(),
          true,
          "Whether there are change streams. Live subscriptions to changes are streams, too.");
  static final Key<Long> STREAM_WINDOW_EVENTS =
      new Key<>(
          "streams.windowEvents",
          new ValueType.Whole(1, StreamBounds.WINDOW_EVENTS_MAX),
          256L,
          "How many events of a named stream may be on their way without being acknowledged, unless"
              + " its client asks for another number.");
  static final Key<Long> STREAM_WINDOW_BYTES =
      new Key<>(
          "streams.windowBytes",
          new ValueType.Size(KIB, GIB),
          MIB,
          "How large those events may be all together. One always may be.");
  static final Key<Long> STREAMS_PER_COLLECTION =
      new Key<>(
          "streams.maxPerCollection",
          new ValueType.Whole(1, 10_000_000),
          1000L,
          "How many streams may be open on one collection. A further one is refused with"
              + " `LIMIT_REACHED`.");
  static final Key<Long> DOCUMENT_BYTES =
      new Key<>(
          "limits.document",
          new ValueType.Size(KIB, 16 * MIB),
          MIB,
          "Largest document, as JSON. A WebSocket message may be 64 KiB larger.");
  static final Key<Long> DEPTH =
      new Key<>(
          "limits.depth",
          new ValueType.Whole(1, 1000),
          64L,
          "How deep objects and arrays of a document may be nested.");
  static final Key<Long> MEMBERS =
      new Key<>(
          "limits.members",
          new ValueType.Whole(1, 10_000_000),
          100_000L,
          "How many object members and array elements a document may have, all levels together.");
  static final Key<Long> CONNECTIONS =
      new Key<>(
          "limits.connections",
          new ValueType.Whole(1, 10_000_000),
          100_000L,
          "How many connections may be open. The operating system's limit on open files must be"
              + " higher.");
  static final Key<Long> SUBSCRIPTIONS =
      new Key<>(
          "limits.subscriptionsPerConnection",
          new ValueType.Whole(1, 10_000_000),
          100_000L,
          "How many records, events and users one connection may be subscribed to and procedures it"
              + " may provide, all together.");
  static final Key<Long> UNAUTHENTICATED =
      new Key<>(
          "limits.unauthenticatedConnections",
          new ValueType.Whole(1, 10_000_000),
          10_000L,
          "How many WebSocket connections may be open that have not logged in. Beyond it the one"
              + " silent for longest makes room. Enough for the clients that come back at once"
              + " after a restart.");
  static final Key<Long> LOGIN_FAILURES =
      new Key<>(
          "limits.loginFailuresPerAddress",
          new ValueType.Whole(1, 1_000_000),
          10L,
          "How many failed logins an address has before it must wait, at first 1 s, then twice as"
              + " long after each further one, up to 5 minutes. Forgotten 15 minutes after the last"
              + " one.");
  static final Key<Long> PENDING_BYTES =
      new Key<>(
          "limits.pendingPerConnection",
          new ValueType.Size(128 * KIB, GIB),
          8 * MIB,
          "How much may wait for a client that reads too slowly before its connection is closed."
              + " Must be at least `limits.document` + 64 KiB.");
  static final Key<LogLevel> LOG_LEVEL =
      new Key<>(
          "logging.level",
          new ValueType.Choice<>(List.of(LogLevel.values())),
          LogLevel.INFO,
          "How much is logged, to standard error.");
  static final Key<LogFormat> LOG_FORMAT =
      new Key<>(
          "logging.format",
          new ValueType.Choice<>(List.of(LogFormat.values())),
          LogFormat.TEXT,
          "One line per event for people, or one JSON object per line for machines.");

  static final List<Key<?>> ALL =
      List.of(
          HOST,
          PORT,
          HOSTS,
          ORIGINS,
          TRUSTED_PROXIES,
          EdgeKeys.FORWARDED_HEADER,
          EdgeKeys.CERTIFICATE,
          EdgeKeys.CERTIFICATE_KEY,
          EdgeKeys.CLIENT_CA,
          EdgeKeys.CLIENT_AUTH,
          EdgeKeys.HANDSHAKE_TIMEOUT,
          DATA,
          DEFAULT_DURABILITY,
          RETENTION_AGE,
          RETENTION_BYTES,
          RETENTION_TOMBSTONES,
          COLLECTION_DURABILITY,
          PERMISSIONS,
          ADMIN_TOKEN,
          HTTP_REQUEST_TIMEOUT,
          HTTP_AUTH_ENDPOINT,
          TOKEN_LIFE,
          HTTP_AUTH_DATA,
          LISTEN_RESPONSE_TIMEOUT,
          LISTEN_REMATCH,
          LISTEN_SHUFFLE,
          RPC_ACCEPT_TIMEOUT,
          RPC_RESPONSE_TIMEOUT,
          RPC_REQUESTOR_NAME,
          RPC_REQUESTOR_DATA,
          FEATURE_RECORD,
          FEATURE_EVENT,
          FEATURE_RPC,
          FEATURE_PRESENCE,
          UNAUTHENTICATED_TIMEOUT,
          MAX_AUTH_ATTEMPTS,
          HEARTBEAT_INTERVAL,
          STREAMS_ENABLED,
          STREAM_WINDOW_EVENTS,
          STREAM_WINDOW_BYTES,
          STREAMS_PER_COLLECTION,
          PULSE_COLLECTION,
          PULSE_ID_FIELD,
          DOCUMENT_BYTES,
          DEPTH,
          MEMBERS,
          CONNECTIONS,
          SUBSCRIPTIONS,
          UNAUTHENTICATED,
          LOGIN_FAILURES,
          PENDING_BYTES,
          EdgeKeys.PER_ADDRESS,
          EdgeKeys.EXEMPT,
          EdgeKeys.PER_USER,
          EdgeKeys.MESSAGES,
          EdgeKeys.BYTES,
          EdgeKeys.FAULTS,
          EdgeKeys.HANDSHAKES,
          LOG_LEVEL,
          LOG_FORMAT);

  private Keys() {}

  private static Key<Boolean> feature(String name, String what) {
    return new Key<>(
        "deepstream.features." + name,
        new ValueType.Flag(),
        true,
        what
            + " for deepstream clients. Switched off, messages about it are answered with"
            + " `PARSER / UNKNOWN_TOPIC`.");
  }

  private static String collection(String text) {
    if (!DocumentKey.isCollection(text)) {
      throw new InvalidValueException(
          "must name a collection (1 to 128 bytes without / . * > or white space)");
    }
    return text;
  }

  private static String hostName(String text) {
    if (text.contains("/") || text.contains(":")) {
      throw new InvalidValueException("must be a bare host name, without scheme and port");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  static String network(String text) {
    String[] parts = text.split("/", -1);
    try {
      int most = InetAddress.ofLiteral(parts[0]).getAddress().length * Byte.SIZE;
      int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
      if (parts.length <= 2 && bits >= 0 && bits <= most) {
        return text;
      }
    } catch (IllegalArgumentException _) {
      // The exception below says so.
    }
    throw new InvalidValueException("must be an address or a network like 10.0.0.0/8");
  }

  private static String origin(String text) {
    String wrong = "must be an origin like https://app.example or http://app.example:3000";
    try {
      var uri = new URI(text.toLowerCase(Locale.ROOT));
      String rest = uri.getRawPath() + (uri.getRawQuery() == null ? "" : uri.getRawQuery());
      if (uri.getScheme() == null || uri.getHost() == null || !rest.isEmpty()) {
        throw new InvalidValueException(wrong);
      }
      return uri.getScheme() + "://" + uri.getRawAuthority();
    } catch (URISyntaxException _) {
      throw new InvalidValueException(wrong);
    }
  }
}
