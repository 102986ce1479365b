// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The file API keys are kept in: YAML, a mapping from the id to what is kept of the key. Written
/// by the command line only, as a whole, and put in place of the old one in one step.
public final class ApiKeyFile {
  private static final String HEAD =
      "# Written by `freshet key`. Holds hashes of the keys, not the keys.\n";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Set<String> KNOWN =
      new LinkedHashSet<>(
          List.of("name", "hash", "user", "serverData", "created", "expires", "revoked"));

  private ApiKeyFile() {}

  /// The keys by id, in the order of the file.
  ///
  /// @throws IdentityException if it is not a keys file
  static Map<String, ApiKey> parse(String name, String text) {
    var keys = new LinkedHashMap<String, ApiKey>();
    YamlText.parse(name, text)
        .forEach((id, value) -> {
          String place = name + ": key " + id;
          keys.put(id, key(id, Members.of(place, value, KNOWN)));
        });
    return keys;
  }

  private static ApiKey key(String id, Members members) {
    Instant created = members.timeIfAny("created");
    String hash = members.text("hash");
    if (!ID.matcher(id).matches() || !HASH.matcher(hash).matches() || created == null) {
      throw new IdentityException(
          members.place() + ": is not as `freshet key create` writes it (id, hash, created)");
    }
    return new ApiKey(
        id,
        members.text("name"),
        hash,
        members.text("user"),
        members.object("serverData"),
        created,
        members.timeIfAny("expires"),
        members.timeIfAny("revoked"));
  }

  /// All keys of a file, the oldest first.
  ///
  /// @throws IdentityException if the file cannot be used
  public static List<ApiKey> list(Path file) {
    return List.copyOf(read(file).values());
  }

  /// Adds a key; makes the file if there is none.
  ///
  /// @throws IdentityException if the file cannot be used
  public static void add(Path file, ApiKey key) {
    change(
        file,
        keys -> {
          keys.put(key.id(), key);
          return keys;
        });
  }

  /// Takes a key back. Its line stays, so that logs can be read later.
  ///
  /// @throws IdentityException if the file cannot be used or has no such key
  public static void revoke(Path file, String id, Instant now) {
    change(
        file,
        keys -> {
          ApiKey key = keys.get(id);
          if (key == null) {
            throw new IdentityException("%s has no key with the id %s".formatted(file, id));
          }
          keys.put(id, key.revokedAt(now));
          return keys;
        });
  }

  private static Map<String, ApiKey> read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new IdentityException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  /// Under a lock, or of two changes at the same time one would be lost, perhaps a revocation.
  private static void change(Path file, UnaryOperator<Map<String, ApiKey>> change) {
    Path lockFile = hidden(file, ".lock");
    Path next = hidden(file, ".new");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      Map<String, ApiKey> keys = Files.exists(file) ? read(file) : new LinkedHashMap<>();
      Files.deleteIfExists(next);
      Files.createFile(next, permissions(file));
      Files.writeString(next, text(change.apply(keys)));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IdentityException("cannot write %s: %s".formatted(file, e), e);
    }
  }

  private static Path hidden(Path file, String ending) {
    return file.toAbsolutePath().resolveSibling("." + file.getFileName() + ending);
  }

  /// An existing file's permissions stay as they are, so that the server's user may go on reading.
  private static FileAttribute<?> permissions(Path file) throws IOException {
    return PosixFilePermissions.asFileAttribute(
        Files.exists(file)
            ? Files.getPosixFilePermissions(file)
            : PosixFilePermissions.fromString("rw-------"));
  }

  private static String text(Map<String, ApiKey> keys) {
    var text = new StringBuilder(HEAD);
    for (ApiKey key : keys.values()) {
      text.append('"').append(key.id()).append("\":\n");
      members(key).forEach(member -> text.append("  ").append(member).append('\n'));
    }
    return text.toString();
  }

  /// A JSON value is YAML too.
  private static List<String> members(ApiKey key) {
    var members = new ArrayList<String>();
    members.add("name: " + quoted(key.name()));
    members.add("hash: " + quoted(key.hash()));
    members.add("user: " + quoted(key.user()));
    if (key.serverData().size() > 0) {
      members.add("serverData: " + Json.text(key.serverData()));
    }
    members.add("created: " + quoted(key.created().toString()));
    addTime(members, "expires", key.expires());
    addTime(members, "revoked", key.revoked());
    return members;
  }

  private static void addTime(List<String> members, String name, @Nullable Instant time) {
    if (time != null) {
      members.add(name + ": " + quoted(time.toString()));
    }
  }

  private static String quoted(String text) {
    return Json.text(JsonString.of(text));
  }
}
