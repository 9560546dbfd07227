package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.ReceiverConfig.Place;
import dev.gatehouse.receiver.ReceiverConfig.Quarantine;
import dev.gatehouse.receiver.ReceiverConfig.Store;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code store}: where deliveries are kept, for how long, and how they are sealed. */
final class StoreReader {
  private static final Duration MAX_RETENTION = Duration.ofDays(3650);
  private static final long MIN_BYTES = 16L << 20;
  private static final long MAX_BYTES = 1L << 50;
  private static final int MAX_KEY_ID = 64;

  private enum Kind {
    SQLITE,
    POSTGRES
  }

  private final StrictJson in;
  private final Path folder;

  private StoreReader(StrictJson in, Path folder) {
    this.in = in;
    this.folder = folder;
  }

  static Store read(StrictJson in, Path folder) {
    Store store = new StoreReader(in, folder).read();
    in.close();
    return store;
  }

  private Store read() {
    Kind kind = in.choice("kind", Kind.class, Kind.SQLITE);
    Place place = kind == Kind.POSTGRES ? postgres() : sqlite();
    Duration retention =
        in.duration("retention", Duration.ofDays(30), Duration.ofHours(1), MAX_RETENTION);
    OptionalLong maxBytes =
        in.has("maxBytes")
            ? OptionalLong.of(in.size("maxBytes", MAX_BYTES, MIN_BYTES, MAX_BYTES))
            : OptionalLong.empty();
    List<Secret> keys = keys();
    return new Store(place, retention, maxBytes, keys, quarantine(!keys.isEmpty()));
  }

  private Place sqlite() {
    String path = in.string("path", "./gatehouse-data/inbox.db");
    if (Stream.of("url", "user", "password").filter(in::has).count() > 0) {
      in.problem("", "url, user and password are for kind: postgres: remove them");
    }
    if (path.isBlank()) {
      in.problem("path", "must not be empty: give the path of a file, or leave it out");
    }
    return new Place.Sqlite(file(path));
  }

  private Path file(String path) {
    try {
      return folder.resolve(path).normalize();
    } catch (InvalidPathException e) {
      in.problem("path", Interpolation.NO_FILE_NAME);
      return folder;
    }
  }

  private Place postgres() {
    if (in.has("path")) {
      in.problem("path", "is for kind: sqlite: remove it");
    }
    String url = in.requiredString("url");
    String user = in.requiredString("user");
    if (!url.isBlank() && !url.contains("${")) {
      PostgresAddress.refusal(url).ifPresent(why -> in.problem("url", why));
    }
    return new Place.Postgres(new PostgresAddress(url, user, password()));
  }

  private Optional<Secret> password() {
    Optional<String> text = in.string("password");
    if (text.isEmpty() || text.get().contains("${")) {
      // what could not be resolved is reported already
      return Optional.empty();
    }
    Optional<String> refusal = Secret.refusal(text.get());
    if (refusal.isPresent()) {
      in.problem("password", refusal.get());
      return Optional.empty();
    }
    return Optional.of(Secret.of("store.password", text.get()));
  }

  private List<Secret> keys() {
    if (!in.has("encryption")) {
      return List.of();
    }
    StrictJson encryption = in.child("encryption");
    List<Secret> keys = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int given =
        encryption
            .children(
                "keys",
                item -> {
                  key(item, ids).ifPresent(keys::add);
                  return item;
                })
            .size();
    if (given == 0) {
      encryption.problem("keys", "is missing: give at least one; the first seals what is new");
    }
    encryption.close();
    return keys;
  }

  private static Optional<Secret> key(StrictJson item, Set<String> ids) {
    String id = item.requiredString("id");
    if (id.length() > MAX_KEY_ID) {
      item.problem("id", "must be 1 to 64 characters: it is stored with each delivery");
    } else if (!id.isBlank() && !ids.add(id)) {
      item.problem("id", "is the id of another key too: give each its own");
    }
    String value = item.requiredString("value");
    if (id.isBlank() || value.isBlank() || value.contains("${")) {
      return Optional.empty();
    }
    Optional<String> refusal = EncryptionKeys.refusal(value);
    refusal.ifPresent(why -> item.problem("value", why));
    return refusal.isPresent() ? Optional.empty() : Optional.of(Secret.of(id, value));
  }

  private Optional<Quarantine> quarantine(boolean sealed) {
    if (!in.has("quarantine")) {
      return Optional.empty();
    }
    StrictJson quarantine = in.child("quarantine");
    List<String> sources = quarantine.strings("sources");
    int maxCount = quarantine.integer("maxCount", 1_000, 1, 100_000);
    long maxBytes = quarantine.size("maxBytes", 16L << 20, 64L << 10, 1L << 30);
    boolean plain = quarantine.bool("allowUnencrypted", false);
    if (!sealed && !plain) {
      quarantine.problem(
          "allowUnencrypted",
          "must be true if what anybody may send is to be kept as it came: better give"
              + " store.encryption.keys");
    }
    quarantine.close();
    return Optional.of(new Quarantine(sources, maxCount, maxBytes));
  }
}
