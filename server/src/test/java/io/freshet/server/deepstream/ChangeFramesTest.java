// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Design, section 4, (a) to (f).
class ChangeFramesTest {
  private static final DocumentKey KEY = new DocumentKey("driver", "jack");
  private final FrameWriter out = new FrameWriter();

  private static Document live(long revision, String json) {
    return new Document(KEY, Life.LIVE, revision, Json.parse(json), 1, 1);
  }

  private static Document opened(long revision) {
    return new Document(KEY, Life.OPENED, revision, JsonObject.empty(), 0, 0);
  }

  private static Change change(
      Operation operation, Document before, Document after, List<FieldOperation> operations) {
    return new Change(
        EventId.NONE,
        new Position(new LogId("l"), 1, 1),
        operation,
        before,
        after,
        operations,
        "a");
  }

  private static Change edit(String before, FieldOperation... operations) {
    Document from = live(6, before);
    JsonValue after = PathEdit.applyAll(from.data(), List.of(operations));
    return change(
        Operation.MUTATE, from, new Document(KEY, Life.LIVE, 7, after, 1, 1), List.of(operations));
  }

  private static FieldOperation set(String path, String json) {
    return new FieldOperation.Set(RecordPath.parse(path), Json.parse(json));
  }

  private static FieldOperation erase(String path) {
    return new FieldOperation.Erase(RecordPath.parse(path));
  }

  private static RecordPath keys(String... names) {
    var tokens = new ArrayList<PathToken>();
    for (String name : names) {
      tokens.add(new PathToken.Key(name));
    }
    return new RecordPath(tokens);
  }

  private List<String> plain(Change change) {
    return DecodedFrames.of(ChangeFrames.of(change, out).frame(false));
  }

  private List<String> multi(Change change) {
    return DecodedFrames.of(ChangeFrames.of(change, out).frame(true));
  }

  private void assertSame(String expected, Change change) {
    ChangeFrames frames = ChangeFrames.of(change, out);
    assertTrue(frames.isUniform());
    assertEquals(List.of(expected), DecodedFrames.of(frames.frame(false)));
    assertEquals(List.of(expected), DecodedFrames.of(frames.frame(true)));
  }

  // (a)

  @Test
  void aWholeWriteIsAnUpdate() {
    assertSame(
        "UPDATE name=driver/jack version=7 data={\"b\":2}",
        change(Operation.REPLACE, live(6, "{\"a\":1}"), live(7, "{\"b\":2}"), null));
  }

  @Test
  void aFirstWriteOfTheWholeIsAnUpdate() {
    assertSame(
        "UPDATE name=driver/jack version=1 data={\"b\":2}",
        change(Operation.CREATE, opened(0), live(1, "{\"b\":2}"), null));
  }

  @Test
  void anArrayAtTheRootIsNeverPatched() {
    assertSame(
        "UPDATE name=driver/jack version=7 data=[\"x\",\"z\"]",
        edit("[\"x\",\"y\"]", set("1", "\"z\"")));
    assertSame(
        "UPDATE name=driver/jack version=7 data={\"a\":1}",
        change(Operation.MUTATE, live(6, "[1]"), live(7, "{\"a\":1}"), List.of(set("a", "1"))));
    assertSame(
        "UPDATE name=driver/jack version=7 data=[1]",
        change(Operation.MUTATE, live(6, "{\"a\":1}"), live(7, "[1]"), List.of(set("a", "1"))));
    assertSame(
        "UPDATE name=driver/jack version=7 data=[]",
        change(Operation.MERGE, live(6, "[]"), live(7, "[]"), List.of()));
  }

  @Test
  void anEditOfWhatNobodyCouldHaveIsAnUpdate() {
    assertSame(
        "UPDATE name=driver/jack version=1 data={\"a\":1}",
        change(
            Operation.CREATE, Document.missing(KEY), live(1, "{\"a\":1}"), List.of(set("a", "1"))));
  }

  // (b)

  @Test
  void oneEditIsAPatch() {
    assertSame(
        "PATCH name=driver/jack version=7 path=a.b[2].c data={\"d\":null}",
        edit("{\"a\":{}}", set("a.b[2].c", "{\"d\":null}")));
    assertSame("PATCH name=driver/jack version=7 path=a", edit("{\"a\":1}", erase("a")));
    assertSame(
        "PATCH name=driver/jack version=1 path=a data=1",
        change(Operation.CREATE, opened(0), live(1, "{\"a\":1}"), List.of(set("a", "1"))));
  }

  @Test
  void anElementIsPatchedByItself() {
    assertSame(
        "PATCH name=driver/jack version=7 path=a[1] data=9",
        edit("{\"a\":[1,2]}", set("a[1]", "9")));
    assertSame(
        "PATCH name=driver/jack version=7 path=a[2] data=9",
        edit("{\"a\":[1,2]}", set("a[2]", "9")));
    assertSame(
        "PATCH name=driver/jack version=7 path=a[1].b data=9", edit("{}", set("a[1].b", "9")));
  }

  /// Where the official client would be left with a hole instead of null.
  @Test
  void anElementErasedOrBeyondTheEndPutsTheWholeArray() {
    assertSame(
        "PATCH name=driver/jack version=7 path=a data=[null,2]",
        edit("{\"a\":[1,2]}", erase("a[0]")));
    assertSame(
        "PATCH name=driver/jack version=7 path=x.a data=[1,null,null,9]",
        edit("{\"x\":{\"a\":[1]}}", set("x.a[3]", "9")));
  }

  @Test
  void anErasureWhoseContainersAreMissingPutsTheContainer() {
    assertSame(
        "PATCH name=driver/jack version=7 path=a data={\"b\":{}}", edit("{}", erase("a.b.c")));
  }

  @Test
  void anEditBelowAKeyWithoutNotationPatchesTheDeepestPlaceThatHasOne() {
    var dotted = new FieldOperation.Set(keys("a", "b.c", "d"), Json.parse("1"));
    assertSame(
        "PATCH name=driver/jack version=7 path=a data={\"b.c\":{\"d\":1},\"x\":0}",
        edit("{\"a\":{\"b.c\":{},\"x\":0}}", dotted));
    for (String key : new String[] {"x.y", "x[0]", "]", " x", "x ", "", "__proto__"}) {
      var change = edit("{\"o\":1}", new FieldOperation.Set(keys(key), Json.parse("1")));
      assertSame(
          "UPDATE name=driver/jack version=7 data=" + Json.text(change.after().data()), change);
    }
  }

  // (c)

  @Test
  void severalEditsArePatchMultiForWhoUnderstandsIt() {
    Change change =
        edit(
            "{\"a\":{\"b\":1,\"c\":2},\"z\":0}", set("a.b", "5"), erase("a.c"), set("a.d", "null"));
    assertEquals(
        List.of(
            "PATCH_MULTI name=driver/jack version=7 data="
                + "[{\"path\":\"a.b\",\"data\":5},{\"path\":\"a.c\"},"
                + "{\"path\":\"a.d\",\"data\":null}]"),
        multi(change));
    assertEquals(
        List.of("PATCH name=driver/jack version=7 path=a data={\"b\":5,\"d\":null}"),
        plain(change));
    assertFalse(ChangeFrames.of(change, out).isUniform());
  }

  @Test
  void severalEditsWithoutACommonPlaceAreAnUpdateForOthers() {
    Change change = edit("{}", set("a", "1"), set("b", "2"));
    assertEquals(
        List.of("UPDATE name=driver/jack version=7 data={\"a\":1,\"b\":2}"), plain(change));
    assertEquals(
        List.of(
            "PATCH_MULTI name=driver/jack version=7 data="
                + "[{\"path\":\"a\",\"data\":1},{\"path\":\"b\",\"data\":2}]"),
        multi(change));
  }

  @Test
  void editsOfOnePlaceArePatchedThere() {
    Change nested = edit("{}", set("a", "{}"), set("a.b", "1"));
    assertEquals(List.of("PATCH name=driver/jack version=7 path=a data={\"b\":1}"), plain(nested));
    Change gone = edit("{\"a\":1}", set("a.b", "1"), erase("a"));
    assertEquals(List.of("PATCH name=driver/jack version=7 path=a"), plain(gone));
    Change element = edit("{\"a\":[1,2]}", set("a[0].x", "1"), set("a[0].y", "1"));
    assertEquals(
        List.of("PATCH name=driver/jack version=7 path=a[0] data={\"x\":1,\"y\":1}"),
        plain(element));
  }

  @Test
  void severalEditsOfWhichOneHasNoNotationAreTheSameForAll() {
    var dotted = new FieldOperation.Set(keys("a", "b.c"), Json.parse("1"));
    assertSame(
        "PATCH name=driver/jack version=7 path=a data={\"x\":2,\"b.c\":1}",
        edit("{\"a\":{}}", set("a.x", "2"), dotted));
  }

  // (d)

  @Test
  void aShiftInsideAnArrayIsAPatchOfTheWholeArray() {
    assertSame(
        "PATCH name=driver/jack version=7 path=a.list data=[2,3]",
        edit("{\"a\":{\"list\":[1,2,3]}}", set("a.list", "[2,3]")));
  }

  // (e)

  @Test
  void aChangeOfTheVersionOnlyPatchesTheSmallestMemberAsItIs() {
    assertSame(
        "PATCH name=driver/jack version=7 path=n data=1",
        change(
            Operation.MERGE,
            live(6, "{\"long\":\"xxxxxxxxx\",\"n\":1,\"a.b\":0}"),
            live(7, "{\"long\":\"xxxxxxxxx\",\"n\":1,\"a.b\":0}"),
            List.of()));
    assertSame(
        "UPDATE name=driver/jack version=7 data={}",
        change(Operation.MERGE, live(6, "{}"), live(7, "{}"), List.of()));
    assertSame(
        "UPDATE name=driver/jack version=7 data={\"a.b\":0}",
        change(Operation.MERGE, live(6, "{\"a.b\":0}"), live(7, "{\"a.b\":0}"), List.of()));
  }

  // (f)

  @Test
  void deletionsAreToldAndEndTheWatching() {
    var gone = new Document(KEY, Life.TOMBSTONE, 7, JsonObject.empty(), 1, 1);
    for (Operation operation : List.of(Operation.DELETE, Operation.EXPIRE)) {
      Change change = change(operation, live(6, "{}"), gone, null);
      assertSame("DELETED name=driver/jack", change);
      assertTrue(ChangeFrames.of(change, out).removes());
    }
  }

  @Test
  void openingsAndRestoresAreNotShown() {
    for (Change change :
        List.of(
            change(Operation.OPEN, Document.missing(KEY), opened(0), null),
            change(Operation.RESTORE, opened(6), live(7, "{}"), null))) {
      ChangeFrames frames = ChangeFrames.of(change, out);
      assertFalse(frames.isShown());
      assertFalse(frames.removes());
      assertEquals(0, frames.frame(true).length);
    }
  }

  @Test
  void versionsAreRevisionsModuloTwoToThe31() {
    assertEquals(0, ChangeFrames.version(0));
    assertEquals(Integer.MAX_VALUE, ChangeFrames.version(Integer.MAX_VALUE));
    assertEquals(0, ChangeFrames.version(1L << 31));
    assertEquals(5, ChangeFrames.version((1L << 40) + 5));
  }

  @Test
  void aRecordOutsideOfCollectionsKeepsItsName() {
    var key = new DocumentKey(DocumentKey.UNNAMED, "plain");
    var before = new Document(key, Life.LIVE, 1, JsonObject.empty(), 1, 1);
    var after = new Document(key, Life.LIVE, 2, JsonObject.empty(), 1, 1);
    assertSame(
        "UPDATE name=plain version=2 data={}", change(Operation.REPLACE, before, after, null));
  }
}
