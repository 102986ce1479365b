// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What programs can see is what is meant to be seen, and made of what they can see.
class PublicApiTest {
  private static final int CLASSES_MIN = 50;
  private static final Path INTENDED = Path.of("src/test/resources/public-api.txt");

  /// A new line there is a promise to programs; one that goes breaks them.
  @Test
  void isWhatIsIntended() throws Exception {
    var lines = new ArrayList<String>();
    for (Class<?> each : publicClasses()) {
      lines.add(head(each));
      members(each).map(member -> "  " + signature(member)).sorted().forEach(lines::add);
    }
    Path now = Files.createDirectories(Path.of("target")).resolve("public-api.txt");
    Files.write(now, lines);
    assertEquals(
        Files.readString(INTENDED),
        Files.readString(now),
        "if that is meant: cp clients/java/" + now + " clients/java/" + INTENDED);
  }

  private static String head(Class<?> type) {
    var above = new ArrayList<String>();
    if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class) {
      above.add(type.getGenericSuperclass().getTypeName());
    }
    Stream.of(type.getGenericInterfaces()).map(Type::getTypeName).forEach(above::add);
    return type.toGenericString() + (above.isEmpty() ? "" : " : " + String.join(", ", above));
  }

  private static String signature(Member member) {
    return switch (member) {
      case Executable executable -> executable.toGenericString();
      case Field field -> field.toGenericString();
      default -> throw new AssertionError(member);
    };
  }

  @Test
  void showsNothingOfTheInside() throws Exception {
    List<Class<?>> shown = publicClasses();
    assertTrue(shown.size() >= CLASSES_MIN, "only " + shown.size() + " classes seen");
    var exposed = new ArrayList<String>();
    for (Class<?> each : shown) {
      Set<Class<?>> seen = new HashSet<>();
      collect(each.getGenericSuperclass(), seen);
      Stream.of(each.getGenericInterfaces()).forEach(type -> collect(type, seen));
      Stream.of(each.getTypeParameters()).forEach(type -> collect(type, seen));
      if (each.isSealed()) {
        Stream.of(each.getPermittedSubclasses()).forEach(type -> collect(type, seen));
      }
      members(each).forEach(member -> collectFrom(member, seen));
      seen.stream()
          .filter(type -> !mayBeShown(type, each))
          .forEach(type -> exposed.add(each.getName() + " shows " + type.getName()));
    }
    assertEquals(List.of(), exposed);
  }

  private static void collectFrom(Member member, Set<Class<?>> seen) {
    switch (member) {
      case Method method -> {
        collect(method.getGenericReturnType(), seen);
        collectFromExecutable(method, seen);
      }
      case Constructor<?> constructor -> collectFromExecutable(constructor, seen);
      case Field field -> collect(field.getGenericType(), seen);
      default -> throw new AssertionError(member);
    }
  }

  private static void collectFromExecutable(Executable executable, Set<Class<?>> seen) {
    Stream.of(executable.getGenericParameterTypes()).forEach(type -> collect(type, seen));
    Stream.of(executable.getGenericExceptionTypes()).forEach(type -> collect(type, seen));
    Stream.of(executable.getTypeParameters()).forEach(type -> collect(type, seen));
  }

  private static void collect(Type type, Set<Class<?>> seen) {
    switch (type) {
      case null -> {}
      case Class<?> simple -> seen.add(simple.isArray() ? simple.componentType() : simple);
      case ParameterizedType generic -> {
        collect(generic.getRawType(), seen);
        Stream.of(generic.getActualTypeArguments()).forEach(each -> collect(each, seen));
      }
      case GenericArrayType array -> collect(array.getGenericComponentType(), seen);
      case WildcardType wildcard -> {
        Stream.of(wildcard.getUpperBounds()).forEach(each -> collect(each, seen));
        Stream.of(wildcard.getLowerBounds()).forEach(each -> collect(each, seen));
      }
      // Its bounds may name itself.
      case TypeVariable<?> variable ->
          Stream.of(variable.getBounds())
              .map(bound ->
                  bound instanceof ParameterizedType generic ? generic.getRawType() : bound)
              .filter(bound -> !(bound instanceof TypeVariable<?>))
              .forEach(bound -> collect(bound, seen));
      default -> throw new AssertionError(type);
    }
  }

  private static boolean mayBeShown(Class<?> type, Class<?> by) {
    String name = type.getName();
    return type.isPrimitive()
        || name.startsWith("java.")
        || name.startsWith("io.freshet.client.") && isShown(type)
        || by.getSimpleName().equals("Jackson2Mapping") && name.startsWith("com.fasterxml.jackson.")
        || by.getSimpleName().equals("Jackson3Mapping") && name.startsWith("tools.jackson.");
  }

  /// Those programs can call, or override.
  private static Stream<Member> members(Class<?> type) {
    Stream<Member> all =
        Stream.of(
                type.getDeclaredMethods(), type.getDeclaredConstructors(), type.getDeclaredFields())
            .flatMap(Stream::of);
    return all.filter(member -> !member.isSynthetic())
        .filter(member -> !member.accessFlags().contains(AccessFlag.MANDATED))
        .filter(member -> (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
  }

  private static boolean isShown(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isShown(outer));
  }

  private static List<Class<?>> publicClasses()
      throws IOException, URISyntaxException, ClassNotFoundException {
    Path root =
        Path.of(FreshetClient.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var shown = new ArrayList<Class<?>>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).sorted().toList()) {
        String name =
            root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
        if (name.startsWith("io.freshet.client.") && !name.endsWith("package-info")) {
          Class<?> type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
          if (isShown(type)) {
            shown.add(type);
          }
        }
      }
    }
    return shown;
  }
}
