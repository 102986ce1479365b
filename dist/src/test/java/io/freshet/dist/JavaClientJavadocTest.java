// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// Everything that programs can see says what it is for.
class JavaClientJavadocTest {
  private static final int MEMBERS_MIN = 300;

  private final List<String> silent = new ArrayList<>();
  private int members;

  @Test
  void whateverIsPublicIsExplained() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.walk(Checkout.root().resolve("clients/java/src/main/java"))) {
      List<Path> java = sources.filter(file -> file.toString().endsWith(".java")).toList();
      var units = files.getJavaFileObjectsFromPaths(java);
      var task = (JavacTask) compiler.getTask(null, files, null, List.of(), null, units);
      Trees trees = Trees.instance(task);
      task.parse().forEach(unit -> new Members(trees).scan(unit, null));
    }
    assertEquals(List.of(), silent);
    assertTrue(members >= MEMBERS_MIN, "only " + members + " seen");
  }

  private final class Members extends TreePathScanner<Void, Void> {
    private final Trees trees;

    Members(Trees trees) {
      this.trees = trees;
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
      if (!isShown(type.getModifiers())) {
        return null;
      }
      expectComment(type.getSimpleName().toString());
      return super.visitClass(type, nothing);
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(each -> each.getAnnotationType().toString().equals("Override"));
      boolean isConstructor = method.getReturnType() == null;
      if (isShown(method.getModifiers()) && !overrides && !isConstructor) {
        expectComment(method.getName().toString());
      }
      return null;
    }

    @Override
    public Void visitVariable(VariableTree field, Void nothing) {
      // A record's components are explained by the record.
      if (isShown(field.getModifiers())
          && (isStatic(field.getModifiers()) || outer().getKind() == Kind.INTERFACE)) {
        expectComment(field.getName().toString());
      }
      return null;
    }

    private boolean isStatic(ModifiersTree modifiers) {
      return modifiers.getFlags().contains(Modifier.STATIC);
    }

    private boolean isShown(ModifiersTree modifiers) {
      Set<Modifier> flags = modifiers.getFlags();
      return flags.contains(Modifier.PUBLIC)
          || flags.contains(Modifier.PROTECTED)
          || outer().getKind() == Kind.INTERFACE && !flags.contains(Modifier.PRIVATE);
    }

    private Tree outer() {
      return getCurrentPath().getParentPath().getLeaf();
    }

    private void expectComment(String name) {
      members++;
      String comment = trees.getDocComment(getCurrentPath());
      if (comment == null || comment.isBlank()) {
        String file = getCurrentPath().getCompilationUnit().getSourceFile().getName();
        silent.add(Path.of(file).getFileName() + ": " + name);
      }
    }
  }
}
