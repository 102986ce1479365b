// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.FreshetClient;
import io.freshet.client.LiveList;
import io.freshet.client.LiveRecord;
import io.freshet.client.Registration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A pizza on its way: one program writes where the driver is, another one sees it move.
final class Records {
  record Coords(double latitude, double longitude) {}

  public static void main(String[] args) throws Exception {
    String url = args.length > 0 ? args[0] : "ws://127.0.0.1:6020";
    try (var driver = FreshetClient.connect(url);
        var customer = FreshetClient.connect(url)) {
      position(driver, customer);
      withoutSubscribing(driver, customer);
      drivers(driver, customer);
      weather(driver, customer);
    }
  }

  private static void position(FreshetClient driver, FreshetClient customer) throws Exception {
    // The hungry customer. The record is made if there is none yet.
    LiveRecord watched = await(customer.records().getRecord("driver/jack").whenReady());
    var map = new LinkedBlockingQueue<Coords>();
    Registration watching = watched.subscribe("coords", Coords.class, false, map::add);

    // The driver's telephone. What it sets is there at once; the future is for those who want to
    // know when the server has it.
    LiveRecord jack = driver.records().getRecord("driver/jack");
    jack.set("coords", new Coords(52.52, 13.40));
    System.out.println("the driver has      " + jack.get("coords", Coords.class));
    System.out.println("the customer sees   " + next(map));

    // Paths make what is missing on the way.
    await(jack.set("pets[1].fur.color", "brown"));
    System.out.println("the second pet is   " + jack.get("pets[1].fur.color"));
    await(jack.erase("pets"));

    // A closed registration is told nothing any more.
    watching.close();
    await(jack.set("coords.latitude", 52.53));
    System.out.println("all of the record   " + jack.get());

    // Deleting a record tells everybody who has it open.
    var gone = new LinkedBlockingQueue<String>();
    watched.onDelete(() -> gone.add("deleted"));
    await(jack.delete());
    System.out.println("the record is       " + next(gone));
  }

  private static void withoutSubscribing(FreshetClient one, FreshetClient other) {
    record Person(String name, String status) {}

    System.out.println("homer is there      " + await(one.records().has("user/homer")));
    await(one.records().setData("user/homer", new Person("Homer", "married")));
    await(one.records().setData("user/homer", "status", "single"));
    System.out.println("homer               " + await(other.records().snapshot("user/homer")));
    await(one.records().getRecord("user/homer").delete());
  }

  private static void drivers(FreshetClient one, FreshetClient other) throws Exception {
    try (LiveList theirs = await(other.records().getList("drivers").whenReady());
        LiveList ours = await(one.records().getList("drivers").whenReady())) {
      var changes = new LinkedBlockingQueue<LiveList.EntryChange>();
      await(ours.setEntries(List.of()));
      theirs.onEntries(changes::add);
      await(ours.addEntry("driver/jack"));
      await(ours.addEntry("driver/jill", 0));
      for (int i = 0; i < 3; i++) {
        switch (next(changes)) {
          case LiveList.EntryChange.Added(String entry, int at) ->
              System.out.println("hired               " + entry + ", place " + at);
          case LiveList.EntryChange.Moved(String entry, int at) ->
              System.out.println("moved               " + entry + ", place " + at);
          case LiveList.EntryChange.Removed(String entry, int at) ->
              System.out.println("left                " + entry + ", place " + at);
        }
      }
      await(ours.delete());
    }
  }

  /// A provider works only while somebody watches.
  private static void weather(FreshetClient station, FreshetClient customer) throws Exception {
    var log = new LinkedBlockingQueue<String>();
    await(
        station
            .records()
            .listen(
                "^weather/.*",
                request -> {
                  request.accept();
                  request.onStop(() -> log.add("nobody asks for     " + request.name()));
                  station.records().setData(request.name(), Map.of("sky", "clear"));
                }));
    LiveRecord berlin = customer.records().getRecord("weather/berlin");
    berlin.subscribe(
        "sky",
        String.class,
        true,
        sky -> {
          if (sky != null) {
            log.add("the sky is          " + sky);
          }
        });
    System.out.println(next(log));
    berlin.discard();
    System.out.println(next(log));
    await(station.records().unlisten("^weather/.*"));
    await(station.records().getRecord("weather/berlin").delete());
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("nothing came");
    }
    return next;
  }
}
