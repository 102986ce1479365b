// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Frames that wait for the wire, in order; those that fit go together, as an array.
///
/// Messages are short enough that one whose connection is cut has not much to be sent again.
///
/// Threading: guarded by the hub's lock, except [#isEmpty] and [#isFull].
final class Outbox {
  /// What a message has at most, unless a single frame has more.
  static final int MESSAGE_CHARACTERS_MAX = 8 << 10;

  private final ArrayDeque<String> frames = new ArrayDeque<>();
  private int characters;
  private volatile boolean isEmpty = true;
  private volatile boolean isFull;

  void add(String frame) {
    frames.add(frame);
    has(characters + frame.length() + 1);
  }

  boolean isEmpty() {
    return isEmpty;
  }

  /// Whether there is a whole message.
  boolean isFull() {
    return isFull;
  }

  private void has(int more) {
    characters = more;
    isEmpty = frames.isEmpty();
    isFull = characters >= MESSAGE_CHARACTERS_MAX;
  }

  /// Takes one message out.
  ///
  /// @return empty if nothing waits
  String next() {
    if (frames.isEmpty()) {
      return "";
    }
    String first = take();
    if (!fits(first.length() + 1)) {
      return first;
    }
    var message = new StringBuilder(MESSAGE_CHARACTERS_MAX).append('[').append(first);
    while (fits(message.length())) {
      message.append(',').append(take());
    }
    return message.append(']').toString();
  }

  /// @param length of the message without its end
  private boolean fits(int length) {
    return !frames.isEmpty() && length + frames.element().length() + 2 <= MESSAGE_CHARACTERS_MAX;
  }

  private String take() {
    String frame = frames.remove();
    has(characters - frame.length() - 1);
    return frame;
  }

  /// Takes everything out.
  List<String> takeAll() {
    var messages = new ArrayList<String>();
    while (!frames.isEmpty()) {
      messages.add(next());
    }
    return messages;
  }
}
