// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.files.UnusableFileException;
import io.freshet.server.metrics.Metrics;
import io.freshet.testkit.TestCertificates;
import io.freshet.testkit.TestCertificates.Certified;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCertificateTest {
  private final TestCertificates authority = new TestCertificates("Test authority");
  private final Metrics metrics = new Metrics();
  private @TempDir Path folder;
  private Path certificate;
  private Path key;

  @BeforeEach
  void name() {
    certificate = folder.resolve("cert.pem");
    key = folder.resolve("key.pem");
  }

  private void write(Certified certified) throws IOException {
    Files.writeString(certificate, certified.certificatePem());
    Files.writeString(key, certified.keyPem());
  }

  private ServerCertificate open() {
    var files = new TlsFiles(certificate, key, Optional.empty(), ClientAuth.NONE);
    return new ServerCertificate(files, InstantSource.system(), metrics);
  }

  private double metric(String series) {
    var line = Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$");
    var found = line.matcher(metrics.scrape());
    assertTrue(found.find(), series);
    return Double.parseDouble(found.group(1));
  }

  @Test
  void takesANewPairOnceBothFilesAreThere() throws Exception {
    write(authority.certify("CN=first", "localhost"));
    ServerCertificate opened = open();
    SslContext first = opened.context();
    opened.refresh();
    assertSame(first, opened.context());

    Certified second = authority.certify("CN=second", "localhost");
    Files.writeString(certificate, second.certificatePem());
    opened.refresh();
    assertSame(first, opened.context(), "the key is still the old one's");
    assertEquals(0, metric("freshet_tls_reloads_total{outcome=\"refused\"}"));
    Files.writeString(key, second.keyPem());
    opened.refresh();
    assertNotSame(first, opened.context());
    assertEquals("CN=second", opened.subject());
    assertEquals(1, metric("freshet_tls_reloads_total{outcome=\"read\"}"));
    assertEquals(
        second.certificate().getNotAfter().toInstant().getEpochSecond(),
        metric("freshet_tls_certificate_expires_timestamp_seconds"));
  }

  @Test
  void keepsWhatItHasWhenTheFilesAreBadAndSaysWhy() throws Exception {
    write(authority.certify("CN=first", "localhost"));
    ServerCertificate opened = open();
    SslContext first = opened.context();
    refuses(opened, "no certificate in it", () -> Files.writeString(certificate, "hello"));
    refuses(
        opened,
        "certificate 1 in it cannot be read",
        () ->
            Files.writeString(
                certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    refuses(
        opened,
        "this is the key of another certificate",
        () ->
            Files.writeString(
                certificate, authority.certify("CN=other", "localhost").certificatePem()));
    refuses(
        opened,
        "has ended on",
        () -> write(authority.certify("CN=late", Duration.ofDays(-1), "localhost")));
    refuses(opened, "cannot read", () -> Files.delete(key));
    refuses(
        opened,
        "openssl pkcs8",
        () ->
            Files.writeString(
                key, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"));
    assertSame(first, opened.context());
    assertEquals(6, metric("freshet_tls_reloads_total{outcome=\"refused\"}"));
  }

  private interface Deed {
    void act() throws IOException;
  }

  private static void refuses(ServerCertificate opened, String why, Deed deed) throws IOException {
    deed.act();
    String said = assertThrows(UnusableFileException.class, opened::reload).getMessage();
    assertTrue(said.contains(why), said);
  }

  /// Told at the second look, and once.
  @Test
  void countsABadFileOnce() throws Exception {
    write(authority.certify("CN=first", "localhost"));
    ServerCertificate opened = open();
    Files.writeString(key, "nothing");
    for (int looks = 0; looks < 4; looks++) {
      opened.refresh();
    }
    assertEquals(1, metric("freshet_tls_reloads_total{outcome=\"refused\"}"));
  }

  @Test
  void refusesToBeginWithoutUsableFiles() {
    assertThrows(UnusableFileException.class, this::open);
    assertThrows(
        IllegalArgumentException.class,
        () -> new TlsFiles(certificate, key, Optional.empty(), ClientAuth.REQUIRED));
  }
}
