// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Refused;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.listen.Timers;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Calls made by this node's sessions, each from its beginning to its end.
///
/// A call is given to one node after the other, this one first, then the others that provide the
/// procedure in random order; each asks its own providers ([Offers]) until one takes it or none is
/// left. The caller's node alone keeps the time, so a call ends in any case, whatever is lost on
/// the way.
///
/// Bound: calls and their bytes per session.
final class Calls {
  /// Most bytes of what one session's calls under way carry, roughly.
  private static final long BYTES_MAX = 16 << 20;

  private static final int CALL_BYTES = 512;

  private final Gate gate;
  private final Bus bus;
  private final Outbox outbox;
  private final Timers timers;
  private final RandomGenerator random;
  private final RpcOptions options;
  private final Rosters rosters;
  private final Map<Long, Call> calls = new LinkedHashMap<>();
  private final Map<Session, Caller> callers = new HashMap<>();
  private long lastNumber;

  private static final class Caller {
    final Map<String, Call> calls = new LinkedHashMap<>();
    long bytes;
  }

  private static final class Call {
    final long number;
    final Command.Call command;
    final long bytes;
    final List<String> tried = new ArrayList<>(1);

    /// The node it is with.
    String node = "";

    boolean accepted;

    /// Tells the timers of this attempt from those of earlier ones.
    int attempt;

    Runnable acceptTimer = () -> {};
    Runnable responseTimer = () -> {};

    Call(long number, Command.Call command, long bytes) {
      this.number = number;
      this.command = command;
      this.bytes = bytes;
    }

    void stopTimers() {
      attempt++;
      acceptTimer.run();
      responseTimer.run();
    }
  }

  Calls(
      Gate gate,
      Bus bus,
      Outbox outbox,
      Timers timers,
      RandomGenerator random,
      RpcOptions options,
      Rosters rosters) {
    this.gate = gate;
    this.bus = bus;
    this.outbox = outbox;
    this.timers = timers;
    this.random = random;
    this.options = options;
    this.rosters = rosters;
  }

  void call(Command.Call command) {
    Refused invalid = Gate.invalid(command.name());
    if (invalid != null) {
      outbox.answer(command.replyTo(), invalid);
      return;
    }
    var subject = new Subject.OfName(command.name(), command.data());
    gate.ask(
        command.session(), GuardAction.RPC_REQUEST, subject, refusal -> begin(command, refusal));
  }

  private void begin(Command.Call command, @Nullable Refused forbidden) {
    long bytes = bytesOf(command);
    Refused refusal = forbidden != null ? forbidden : limitRefusal(command, bytes);
    if (refusal != null) {
      outbox.answer(command.replyTo(), refusal);
      return;
    }
    var call = new Call(++lastNumber, command, bytes);
    calls.put(call.number, call);
    Caller caller = callers.computeIfAbsent(command.session(), s -> new Caller());
    caller.calls.put(command.correlationId(), call);
    caller.bytes += bytes;
    outbox.answer(command.replyTo(), Outcome.Done.DONE);
    next(call);
  }

  private static long bytesOf(Command.Call command) {
    JsonValue data = command.data();
    return CALL_BYTES
        + command.correlationId().length()
        + (data == null ? 0L : data.encodedBytes());
  }

  private @Nullable Refused limitRefusal(Command.Call command, long bytes) {
    Caller caller = callers.get(command.session());
    if (caller == null) {
      return null;
    }
    if (caller.calls.containsKey(command.correlationId())) {
      return new Refused(
          ErrorCode.INVALID_ARGUMENT,
          "A call with this correlation id is under way; each call needs its own");
    }
    if (caller.calls.size() >= options.callsMax() || caller.bytes + bytes > BYTES_MAX) {
      return new Refused(
          ErrorCode.LIMIT_REACHED,
          "A connection may have at most "
              + options.callsMax()
              + " calls and "
              + BYTES_MAX
              + " bytes of them under way; wait for answers");
    }
    return null;
  }

  /// Gives the call to the next node. This node answers within the call, [Bus#send].
  private void next(Call call) {
    call.stopTimers();
    call.accepted = false;
    for (String node = choose(call); node != null; node = choose(call)) {
      call.node = node;
      call.tried.add(node);
      if (!node.equals(bus.node())) {
        startTimers(call);
      }
      if (sent(call)) {
        return;
      }
    }
    end(call, CallSignal.NoProvider.NO_PROVIDER);
  }

  private @Nullable String choose(Call call) {
    var left = new ArrayList<>(rosters.nodes(Bus.Roster.PROCEDURES, call.command.name()));
    left.removeAll(call.tried);
    if (left.isEmpty() || left.contains(bus.node())) {
      return left.isEmpty() ? null : bus.node();
    }
    return left.get(random.nextInt(left.size()));
  }

  private boolean sent(Call call) {
    Command.Call command = call.command;
    Principal requestor = command.session().principal();
    try {
      bus.send(
          call.node,
          new BusMessage.Request(
              call.number,
              command.name(),
              command.correlationId(),
              command.data(),
              options.provideRequestorName() ? requestor.id() : null,
              options.provideRequestorData() ? requestor.clientData() : null));
      return true;
    } catch (FreshetException e) {
      return false;
    }
  }

  private void startTimers(Call call) {
    call.stopTimers();
    int attempt = call.attempt;
    call.acceptTimer = timers.after(options.acceptTimeout(), () -> acceptDue(call, attempt));
    call.responseTimer = timers.after(options.responseTimeout(), () -> responseDue(call, attempt));
  }

  private void acceptDue(Call call, int attempt) {
    if (call.attempt == attempt && !call.accepted) {
      end(call, CallSignal.AcceptTimedOut.ACCEPT_TIMED_OUT);
      abandon(call.node, call.number);
    }
  }

  private void responseDue(Call call, int attempt) {
    if (call.attempt == attempt) {
      end(call, CallSignal.ResponseTimedOut.RESPONSE_TIMED_OUT);
      abandon(call.node, call.number);
    }
  }

  /// Said until it is heard: the other node keeps the call open until then.
  private void abandon(String node, long number) {
    try {
      bus.send(node, new BusMessage.Abandoned(number));
    } catch (FreshetException e) {
      var _ = timers.after(options.acceptTimeout(), () -> abandon(node, number));
    }
  }

  /// The call a message is about; null when it is over or with another node.
  private @Nullable Call at(String node, long number) {
    Call call = calls.get(number);
    return call != null && call.node.equals(node) ? call : null;
  }

  void offered(String node, BusMessage.Offered message) {
    Call call = at(node, message.call());
    if (call != null) {
      call.accepted = false;
      startTimers(call);
    }
  }

  void accepted(String node, BusMessage.Accepted message) {
    Call call = at(node, message.call());
    if (call != null) {
      call.accepted = true;
      call.acceptTimer.run();
      tell(call, CallSignal.Accepted.ACCEPTED);
    }
  }

  void responded(String node, BusMessage.Responded message) {
    endAt(node, message.call(), new CallSignal.Responded(message.data()));
  }

  void failed(String node, BusMessage.Failed message) {
    endAt(node, message.call(), new CallSignal.Failed(message.data()));
  }

  void lost(String node, BusMessage.Lost message) {
    endAt(node, message.call(), CallSignal.ResponseTimedOut.RESPONSE_TIMED_OUT);
  }

  void exhausted(String node, BusMessage.Exhausted message) {
    Call call = at(node, message.call());
    if (call != null) {
      next(call);
    }
  }

  /// As if the node had said so itself: what its provider had accepted may be done already, so it
  /// is not given to another.
  void nodeGone(String node) {
    for (Call call : List.copyOf(calls.values())) {
      if (call.node.equals(node)) {
        if (call.accepted) {
          end(call, CallSignal.ResponseTimedOut.RESPONSE_TIMED_OUT);
        } else {
          next(call);
        }
      }
    }
  }

  /// The session's calls need no answer any more.
  void leave(Session session) {
    Caller caller = callers.remove(session);
    if (caller != null) {
      for (Call call : caller.calls.values()) {
        call.stopTimers();
        calls.remove(call.number);
        abandon(call.node, call.number);
      }
    }
  }

  private void endAt(String node, long number, CallSignal signal) {
    Call call = at(node, number);
    if (call != null) {
      end(call, signal);
    }
  }

  private void end(Call call, CallSignal signal) {
    call.stopTimers();
    calls.remove(call.number);
    Session session = call.command.session();
    Caller caller = callers.get(session);
    if (caller != null && caller.calls.remove(call.command.correlationId()) != null) {
      caller.bytes -= call.bytes;
      if (caller.calls.isEmpty()) {
        callers.remove(session);
      }
    }
    tell(call, signal);
  }

  private void tell(Call call, CallSignal signal) {
    Command.Call command = call.command;
    outbox.add(
        command.session().outlet(),
        new FeedItem.ToCaller(command.session(), command.name(), command.correlationId(), signal));
  }

  /// Calls under way.
  int size() {
    return calls.size();
  }

  boolean isEmpty() {
    return calls.isEmpty() && callers.isEmpty();
  }
}
