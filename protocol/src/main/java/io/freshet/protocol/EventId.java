// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/// The identity of a change for ever: a ULID that carries its place (design, section 6). 48 bits of
/// time, 24 bits of tag (one per log and epoch), 56 bits of offset; byte order is log order.
///
/// @param high the time and the upper 16 bits of the tag
/// @param low the lower 8 bits of the tag and the offset
public record EventId(long high, long low) implements Comparable<EventId> {
  /// Before every other id; stands where there is no change yet.
  public static final EventId NONE = new EventId(0, 0);

  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int LENGTH = 26;

  /// Of 26 characters of 5 bits each, the first stands for 3 of the 128.
  private static final int HIGHEST_FIRST = 7;

  private static final long OFFSET_MASK = (1L << 56) - 1;

  /// @param timeMs milliseconds since 1970, below 2^48
  /// @param tag below 2^24
  /// @param offset below 2^56
  /// @throws IllegalArgumentException when one of them is negative or does not fit
  public static EventId of(long timeMs, int tag, long offset) {
    if (timeMs >>> 48 != 0 || tag >>> 24 != 0 || offset >>> 56 != 0) {
      throw new IllegalArgumentException(
          "no event id has time " + timeMs + ", tag " + tag + ", offset " + offset);
    }
    return new EventId(timeMs << 16 | tag >>> 8, (long) (tag & 0xFF) << 56 | offset);
  }

  /// Reads what [#text] writes; lower-case letters count as upper-case ones.
  ///
  /// @return null when the text is no event id
  public static @Nullable EventId parse(String text) {
    if (text.length() != LENGTH || ALPHABET.indexOf(upperCase(text.charAt(0))) > HIGHEST_FIRST) {
      return null;
    }
    long upper = 0;
    long lower = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = ALPHABET.indexOf(upperCase(text.charAt(i)));
      if (digit < 0) {
        return null;
      }
      upper = upper << 5 | lower >>> 59;
      lower = lower << 5 | digit;
    }
    return new EventId(upper, lower);
  }

  private static char upperCase(char c) {
    return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
  }

  public long timeMs() {
    return high >>> 16;
  }

  public int tag() {
    return (int) (high & 0xFFFF) << 8 | (int) (low >>> 56);
  }

  public long offset() {
    return low & OFFSET_MASK;
  }

  /// The 26 characters of the ULID specification (Crockford's base 32).
  public String text() {
    var characters = new char[LENGTH];
    long upper = high;
    long lower = low;
    for (int i = LENGTH - 1; i >= 0; i--) {
      characters[i] = ALPHABET.charAt((int) (lower & 31));
      lower = lower >>> 5 | upper << 59;
      upper >>>= 5;
    }
    return new String(characters);
  }

  @Override
  public int compareTo(EventId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return text();
  }
}
