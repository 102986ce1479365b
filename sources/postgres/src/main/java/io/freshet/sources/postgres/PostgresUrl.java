// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Where a database is and who logs in there, read from
/// `postgresql://user:password@host:5432/database?sslmode=require`.
///
/// @param password empty for none
/// @param parameters for the driver, such as `sslmode`, `sslrootcert`
public record PostgresUrl(
    String host,
    int port,
    String database,
    String user,
    String password,
    Map<String, String> parameters) {
  private static final int PORT = 5432;
  private static final String FORM = "must be like postgresql://user@host:5432/database";

  public PostgresUrl {
    parameters = Map.copyOf(parameters);
  }

  /// @param password used if the text holds none; empty for none
  /// @throws IllegalArgumentException saying what it must be like; the text is not in the message
  public static PostgresUrl parse(String text, String password) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException _) {
      throw new IllegalArgumentException(FORM);
    }
    boolean known = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
    String path = uri.getPath();
    if (!known || uri.getHost() == null || path == null || path.length() < 2) {
      throw new IllegalArgumentException(FORM);
    }
    String account = uri.getRawUserInfo();
    if (account == null || account.isEmpty() || account.startsWith(":")) {
      throw new IllegalArgumentException(FORM + ": the user is missing");
    }
    String[] parts = account.split(":", 2);
    return new PostgresUrl(
        withoutBrackets(uri.getHost()),
        uri.getPort() < 0 ? PORT : uri.getPort(),
        path.substring(1),
        decoded(parts[0]),
        parts.length == 2 ? decoded(parts[1]) : password,
        parameters(uri.getRawQuery()));
  }

  private static Map<String, String> parameters(@Nullable String query) {
    var parameters = new LinkedHashMap<String, String>();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        if (parts.length != 2 || parts[0].isEmpty()) {
          throw new IllegalArgumentException(FORM + ": behind the ? stand pairs like a=b&c=d");
        }
        parameters.put(decoded(parts[0]), decoded(parts[1]));
      }
    }
    return parameters;
  }

  // A plus stands for itself here, unlike in forms.
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /// For the driver.
  String jdbcUrl() {
    String address = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:postgresql://%s:%d/%s"
        .formatted(address, port, URLEncoder.encode(database, StandardCharsets.UTF_8));
  }

  /// Account and parameters, for the driver.
  Properties properties() {
    var properties = new Properties();
    properties.putAll(parameters);
    properties.setProperty("user", user);
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    return properties;
  }

  /// Without the password.
  @Override
  public String toString() {
    return "postgresql://%s@%s:%d/%s".formatted(user, host, port, database);
  }
}
