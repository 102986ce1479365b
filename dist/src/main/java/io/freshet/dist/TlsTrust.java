// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.files.UnusableFileException;
import io.freshet.server.tls.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Which servers the administrator's commands believe, and what they show them. Names of PEM files.
///
/// @param ca the issuers trusted; empty for those that Java trusts
/// @param own the server's own certificate, if this machine has it: whoever shows just that is the
///   server, whatever name it is called by
/// @param certificate to show, with its key
record TlsTrust(
    Optional<String> ca, Optional<String> own, Optional<String> certificate, Optional<String> key) {

  /// For a server whose own certificate is here.
  TlsTrust with(Optional<String> ownCertificate) {
    return new TlsTrust(ca, ownCertificate, certificate, key);
  }

  /// @throws RefusedException if a file cannot be used
  SSLContext context() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keys(), trust(), null);
      return context;
    } catch (GeneralSecurityException | IOException | UnusableFileException e) {
      throw new RefusedException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private KeyManager @Nullable [] keys() throws GeneralSecurityException, IOException {
    if (certificate.isEmpty() || key.isEmpty()) {
      return null;
    }
    List<X509Certificate> chain = certificates(certificate.get());
    KeyStore store = empty();
    store.setKeyEntry(
        "own",
        Pem.key(key.get(), Files.readString(Path.of(key.get())), chain.getFirst()),
        new char[0],
        chain.toArray(X509Certificate[]::new));
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static List<X509Certificate> certificates(String file) throws IOException {
    return Pem.certificates(file, Files.readString(Path.of(file)));
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private TrustManager[] trust() throws GeneralSecurityException, IOException {
    @Nullable KeyStore store = null;
    if (ca.isPresent()) {
      store = empty();
      int number = 0;
      for (X509Certificate each : certificates(ca.get())) {
        store.setCertificateEntry("ca" + number++, each);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    TrustManager[] all = factory.getTrustManagers();
    if (own.isPresent() && all[0] instanceof X509ExtendedTrustManager usual) {
      return new TrustManager[] {new KnownServer(certificates(own.get()).getFirst(), usual)};
    }
    return all;
  }

  /// Believes one certificate; of others what is usual.
  private static final class KnownServer extends X509ExtendedTrustManager {
    private final X509Certificate known;
    private final X509ExtendedTrustManager usual;

    KnownServer(X509Certificate known, X509ExtendedTrustManager usual) {
      this.known = known;
      this.usual = usual;
    }

    private boolean isKnown(X509Certificate[] chain) {
      return chain.length > 0 && chain[0].equals(known);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      if (!isKnown(chain)) {
        usual.checkServerTrusted(chain, type, socket);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      if (!isKnown(chain)) {
        usual.checkServerTrusted(chain, type, engine);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      if (!isKnown(chain)) {
        usual.checkServerTrusted(chain, type);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      usual.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      usual.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      usual.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return usual.getAcceptedIssuers();
    }
  }
}
