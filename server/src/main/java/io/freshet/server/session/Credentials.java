// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator.Attempt;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The one place that knows where clients put what they show: in login data (deepstream's `login`,
/// `authData` of `/api`, the first frame of `/ws`), a `token` of `/api` or of a query, a WebSocket
/// sub-protocol, or the header `Authorization` (`Bearer`, also Pulse's, and `Basic`). All become
/// one attempt whose data holds `token`, or `username` and `password`.
///
/// What a client says in its login wins; what came with its request counts only when the login
/// itself shows nothing, so that a header some proxy adds never stands in for a wrong password.
///
/// Immutable; any thread.
public final class Credentials {
  /// Sub-protocols that begin so carry a token: `freshet.token.eyJ…`.
  public static final String SUBPROTOCOL_PREFIX = "freshet.token.";

  private static final int HEADERS_MAX = 64;
  private static final int HEADER_CHARACTERS_MAX = 16 * 1024;
  private static final int HEADERS_CHARACTERS_MAX = 64 * 1024;
  private static final List<String> SHOWN =
      List.of("token", "jwt", "apiKey", "username", "password");

  private final Map<String, String> headers;
  private final String remoteAddress;
  private final String door;
  private final @Nullable X509Certificate certificate;
  private final JsonObject ofRequest;

  private Credentials(
      Map<String, String> headers,
      String remoteAddress,
      String door,
      @Nullable X509Certificate certificate,
      JsonObject ofRequest) {
    this.headers = headers;
    this.remoteAddress = remoteAddress;
    this.door = door;
    this.certificate = certificate;
    this.ofRequest = ofRequest;
  }

  /// Reads a request's head, of a call or of the handshake that opens a socket.
  ///
  /// @param headers in any case; several of one name are joined. Over the bounds, further ones are
  ///   left out
  /// @param peer the other end of the connection
  /// @param door the path
  public static Credentials of(
      Iterable<Map.Entry<String, String>> headers, Peer peer, TrustedProxies proxies, String door) {
    Map<String, String> kept = kept(headers);
    String client = proxies.clientOf(peer.address(), kept.get(proxies.header().key()));
    return new Credentials(
        kept, client, door, peer.certificate(), authorization(kept.get("authorization")));
  }

  private static Map<String, String> kept(Iterable<Map.Entry<String, String>> headers) {
    var kept = new HashMap<String, String>();
    int characters = 0;
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      String value = header.getValue();
      characters += name.length() + value.length();
      boolean fits =
          value.length() <= HEADER_CHARACTERS_MAX
              && characters <= HEADERS_CHARACTERS_MAX
              && (kept.size() < HEADERS_MAX || kept.containsKey(name));
      if (fits) {
        kept.merge(name, value, (a, b) -> a + (name.equals("cookie") ? "; " : ", ") + b);
      }
    }
    return Map.copyOf(kept);
  }

  /// With the token of a query (`?token=`) or of the `token` member of a call; the request's
  /// `Authorization` comes first.
  ///
  /// @param token null for none
  public Credentials withToken(@Nullable String token) {
    return token == null || token.isEmpty() || ofRequest.size() > 0
        ? this
        : new Credentials(headers, remoteAddress, door, certificate, token(token));
  }

  /// With the token of an offered sub-protocol, if one carries a token. Answer such a handshake
  /// with another of the sub-protocols it offers, or the token would travel back.
  public Credentials withSubprotocols() {
    for (String offered : headers.getOrDefault("sec-websocket-protocol", "").split(",", -1)) {
      if (offered.strip().startsWith(SUBPROTOCOL_PREFIX)) {
        return withToken(offered.strip().substring(SUBPROTOCOL_PREFIX.length()));
      }
    }
    return this;
  }

  /// Whether the request or its connection itself shows something, so that nobody has to wait for a
  /// login.
  public boolean isShown() {
    return ofRequest.size() > 0 || certificate != null;
  }

  /// Where the client really is.
  public String remoteAddress() {
    return remoteAddress;
  }

  /// The attempt of the request itself.
  public Attempt attempt() {
    return attempt(JsonObject.empty());
  }

  /// The attempt of a login.
  ///
  /// @param login what the client sent to log in
  public Attempt attempt(JsonObject login) {
    JsonObject data = login;
    if (SHOWN.stream().allMatch(member -> login.get(member) == null)) {
      for (String member : SHOWN) {
        if (ofRequest.get(member) instanceof JsonString text) {
          data = data.with(member, text);
        }
      }
    }
    return new Attempt(data, headers, remoteAddress, door, certificate);
  }

  private static JsonObject token(String token) {
    return JsonObject.of("token", JsonString.of(token));
  }

  /// What a header `Authorization` shows as `Bearer`, if it does.
  public static Optional<String> bearer(@Nullable String authorization) {
    return authorization(authorization).get("token") instanceof JsonString token
        ? Optional.of(token.value())
        : Optional.empty();
  }

  private static JsonObject authorization(@Nullable String header) {
    if (header == null) {
      return JsonObject.empty();
    }
    int space = header.indexOf(' ');
    String scheme = space < 0 ? header : header.substring(0, space);
    String shown = space < 0 ? "" : header.substring(space + 1).strip();
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "bearer" -> shown.isEmpty() || !isPlain(shown) ? JsonObject.empty() : token(shown);
      case "basic" -> basic(shown);
      default -> JsonObject.empty();
    };
  }

  private static boolean isPlain(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  /// Like a login with a username and a password, RFC 7617.
  private static JsonObject basic(String shown) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(shown));
      String pair = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      int colon = pair.indexOf(':');
      return colon < 0
          ? JsonObject.empty()
          : JsonObject.of("username", JsonString.of(pair.substring(0, colon)))
              .with("password", JsonString.of(pair.substring(colon + 1)));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return JsonObject.empty();
    }
  }
}
