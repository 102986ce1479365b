// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/// What this process holds after a collection of garbage, of what clients are made of.
///
/// @param threads of the platform, by their names those of clients
/// @param virtualThreads of everybody
/// @param clientObjects instances of the client's own classes
/// @param httpObjects instances of the JDK's HTTP client
/// @param heapBytes of everything
record Holdings(
    long threads, long virtualThreads, long clientObjects, long httpObjects, long heapBytes) {
  private static final Pattern LINE =
      Pattern.compile("^ *\\d+: +(\\d+) +(\\d+) +(\\S+)", Pattern.MULTILINE);

  static Holdings now() {
    long virtual = 0;
    long client = 0;
    long http = 0;
    long bytes = 0;
    for (Matcher line = LINE.matcher(histogram()); line.find(); ) {
      long count = Long.parseLong(line.group(1));
      String type = line.group(3);
      bytes += Long.parseLong(line.group(2));
      virtual += type.equals("java.lang.VirtualThread") ? count : 0;
      client += type.startsWith("io.freshet.client.") ? count : 0;
      http += type.startsWith("jdk.internal.net.http.") ? count : 0;
    }
    return new Holdings(clientThreads(), virtual, client, http, bytes);
  }

  /// Counts what is reachable: the collection comes first.
  private static String histogram() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new AssertionError("this JVM tells no class histogram", e);
    }
  }

  private static long clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.isVirtual())
        .map(Thread::getName)
        .filter(name -> name.startsWith("freshet-client") || name.startsWith("HttpClient"))
        .count();
  }
}
