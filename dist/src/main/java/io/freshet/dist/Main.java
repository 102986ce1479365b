// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.ConfigException;
import java.io.PrintStream;
import java.util.Map;

/// The program's entrance.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int status = run(arguments, System.getenv(), System.out, System.err);
    System.out.flush();
    if (status != ExitCode.OK.number()) {
      System.exit(status);
    }
  }

  static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    try {
      Command command = CommandLineReader.read(arguments);
      new Commands(environment, System.in, out).execute(command);
      return ExitCode.OK.number();
    } catch (RefusedException e) {
      err.println(e.getMessage());
      return e.code().number();
    } catch (ConfigException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE.number();
    }
  }
}
