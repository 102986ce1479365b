// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A JSON array with structural sharing: elements live in chunks of 256, so replacing or appending
/// one element of a large array copies one chunk and the list of chunks, not the array.
public final class JsonArray implements JsonValue, Iterable<JsonValue> {
  public static final JsonArray EMPTY = new JsonArray(new JsonValue[0][], 0, 2, 0);

  private static final int CHUNK_BITS = 8;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int MASK = CHUNK - 1;

  /// Shared by all arrays, so that padding costs next to no memory however often it is asked for.
  private static final JsonValue[] NULLS = nulls();

  private final JsonValue[][] chunks;
  private final int size;
  private final int encodedBytes;
  private final int members;

  private JsonArray(JsonValue[][] chunks, int size, int encodedBytes, int members) {
    this.chunks = chunks;
    this.size = size;
    this.encodedBytes = encodedBytes;
    this.members = members;
  }

  private static JsonValue[] nulls() {
    var chunk = new JsonValue[CHUNK];
    Arrays.fill(chunk, JsonNull.NULL);
    return chunk;
  }

  public static JsonArray of(List<? extends JsonValue> elements) {
    int size = elements.size();
    if (size == 0) {
      return EMPTY;
    }
    var chunks = new JsonValue[(size + MASK) >> CHUNK_BITS][];
    int bytes = 2 + size - 1;
    int members = size;
    for (int c = 0; c < chunks.length; c++) {
      int from = c << CHUNK_BITS;
      chunks[c] = elements.subList(from, Math.min(size, from + CHUNK)).toArray(new JsonValue[0]);
      for (JsonValue element : chunks[c]) {
        bytes += element.encodedBytes();
        members += element.members();
      }
    }
    return new JsonArray(chunks, size, bytes, members);
  }

  public int size() {
    return size;
  }

  /// @throws IndexOutOfBoundsException when there is no such element
  public JsonValue get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return chunks[index >> CHUNK_BITS][index & MASK];
  }

  /// This array with one element replaced, or appended when `index` is the size.
  public JsonArray with(int index, JsonValue element) {
    if (index == size) {
      return append(element);
    }
    JsonValue old = get(index);
    JsonValue[][] newChunks = chunks.clone();
    JsonValue[] chunk = newChunks[index >> CHUNK_BITS].clone();
    chunk[index & MASK] = element;
    newChunks[index >> CHUNK_BITS] = chunk;
    return new JsonArray(
        newChunks,
        size,
        encodedBytes - old.encodedBytes() + element.encodedBytes(),
        members - old.members() + element.members());
  }

  /// This array with `null` appended until it has that size; itself if it is no smaller.
  public JsonArray padded(int newSize) {
    if (newSize <= size) {
      return this;
    }
    JsonValue[][] newChunks = Arrays.copyOf(chunks, (newSize + MASK) >> CHUNK_BITS);
    for (int c = size >> CHUNK_BITS; c < newChunks.length; c++) {
      int length = Math.min(CHUNK, newSize - (c << CHUNK_BITS));
      int kept = c < chunks.length ? chunks[c].length : 0;
      newChunks[c] = kept == 0 && length == CHUNK ? NULLS : padded(newChunks[c], kept, length);
    }
    int more = newSize - size;
    int commas = size == 0 ? more - 1 : more;
    int bytes = encodedBytes + commas + more * JsonNull.NULL.encodedBytes();
    return new JsonArray(newChunks, newSize, bytes, members + more);
  }

  private static JsonValue[] padded(JsonValue @Nullable [] chunk, int kept, int length) {
    JsonValue[] longer = chunk == null ? new JsonValue[length] : Arrays.copyOf(chunk, length);
    Arrays.fill(longer, kept, length, JsonNull.NULL);
    return longer;
  }

  private JsonArray append(JsonValue element) {
    int last = size >> CHUNK_BITS;
    JsonValue[][] newChunks = Arrays.copyOf(chunks, last + 1);
    newChunks[last] =
        (size & MASK) == 0
            ? new JsonValue[] {element}
            : Arrays.copyOf(chunks[last], chunks[last].length + 1);
    newChunks[last][size & MASK] = element;
    int comma = size == 0 ? 0 : 1;
    return new JsonArray(
        newChunks,
        size + 1,
        encodedBytes + comma + element.encodedBytes(),
        members + 1 + element.members());
  }

  /// This array with `removed` elements from `from` on replaced by the others. What stands before
  /// them is shared; what stands behind is moved, not looked at.
  ///
  /// @throws IndexOutOfBoundsException when there are no such elements
  public JsonArray spliced(int from, int removed, List<? extends JsonValue> inserted) {
    Objects.checkFromIndexSize(from, removed, size);
    if (removed == 0 && inserted.isEmpty()) {
      return this;
    }
    int newSize = size - removed + inserted.size();
    int bytes = encodedBytes - commas(size) + commas(newSize);
    int newMembers = members - removed + inserted.size();
    for (int i = from; i < from + removed; i++) {
      bytes -= get(i).encodedBytes();
      newMembers -= get(i).members();
    }
    for (JsonValue element : inserted) {
      bytes += element.encodedBytes();
      newMembers += element.members();
    }
    return new JsonArray(splicedChunks(from, removed, inserted), newSize, bytes, newMembers);
  }

  private static int commas(int size) {
    return Math.max(0, size - 1);
  }

  private JsonValue[][] splicedChunks(int from, int removed, List<? extends JsonValue> inserted) {
    int newSize = size - removed + inserted.size();
    JsonValue[][] newChunks = Arrays.copyOf(chunks, (newSize + MASK) >> CHUNK_BITS);
    int first = from & ~MASK;
    for (int c = first >> CHUNK_BITS; c < newChunks.length; c++) {
      newChunks[c] = new JsonValue[Math.min(CHUNK, newSize - (c << CHUNK_BITS))];
    }
    copy(first, from, newChunks, first);
    int to = from;
    for (JsonValue element : inserted) {
      newChunks[to >> CHUNK_BITS][to & MASK] = element;
      to++;
    }
    copy(from + removed, size, newChunks, to);
    return newChunks;
  }

  /// The elements from `from` to before `end`, put at `to` of other chunks.
  private void copy(int from, int end, JsonValue[][] target, int to) {
    int source = from;
    int place = to;
    while (source < end) {
      int run = Math.min(CHUNK - (source & MASK), CHUNK - (place & MASK));
      run = Math.min(run, end - source);
      System.arraycopy(
          chunks[source >> CHUNK_BITS],
          source & MASK,
          target[place >> CHUNK_BITS],
          place & MASK,
          run);
      source += run;
      place += run;
    }
  }

  /// The first place from `from` on where the two do not hold the same instance; the smaller of the
  /// sizes when there is none. What both share is passed over in chunks.
  @SuppressWarnings("ReferenceEquality") // sharing is what is asked about
  public int firstDifference(JsonArray other, int from) {
    int end = Math.min(size, other.size);
    int i = from;
    while (i < end) {
      JsonValue[] mine = chunks[i >> CHUNK_BITS];
      JsonValue[] others = other.chunks[i >> CHUNK_BITS];
      if (mine == others) {
        i = (i | MASK) + 1;
      } else if (mine[i & MASK] == others[i & MASK]) {
        i++;
      } else {
        return i;
      }
    }
    return end;
  }

  @Override
  public Iterator<JsonValue> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < size;
      }

      @Override
      public JsonValue next() {
        if (next >= size) {
          throw new NoSuchElementException();
        }
        return get(next++);
      }
    };
  }

  @Override
  public int encodedBytes() {
    return encodedBytes;
  }

  @Override
  public int members() {
    return members;
  }

  @Override
  public int depth() {
    int deepest = 0;
    for (JsonValue element : this) {
      deepest = Math.max(deepest, element.depth());
    }
    return deepest + 1;
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof JsonArray that) || size != that.size || members != that.members) {
      return false;
    }
    for (int c = 0; c < chunks.length; c++) {
      if (!Arrays.equals(chunks[c], that.chunks[c])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (JsonValue element : this) {
      hash = 31 * hash + element.hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return Json.text(this);
  }
}
