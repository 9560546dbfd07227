package dev.gatehouse.receiver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter.Inclusion;
import dev.gatehouse.receiver.Deliver.Order;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a delivery is kept in order with, among its source's.
 *
 * <p>A body without the value has no order: it waits for nobody, and nobody for it. So has what was
 * only observed, where the body would say: nobody vouches for it, and it could hold up others.
 */
final class OrderKeys {
  private static final int MAX_LENGTH = 128;
  private static final JsonFactory JSON = new JsonFactory();

  private final Order order;
  private final @Nullable JsonPointer pointer;

  OrderKeys(Order order) {
    this.order = order;
    this.pointer = order instanceof Order.ByPointer by ? JsonPointer.compile(by.pointer()) : null;
  }

  /** The key of a delivery that was verified; null for no order. */
  @Nullable String of(@Nullable String tenant, byte[] body) {
    if (pointer != null) {
      return bounded(value(body, pointer));
    }
    return ofUnverified(tenant);
  }

  /** The key of one that was not. */
  @Nullable String ofUnverified(@Nullable String tenant) {
    if (order instanceof Order.BySource) {
      return "*";
    }
    return order instanceof Order.ByTenant ? tenant : null;
  }

  private static @Nullable String value(byte[] body, JsonPointer pointer) {
    try (JsonParser all = JSON.createParser(body);
        JsonParser found =
            new FilteringParserDelegate(
                all, new JsonPointerBasedFilter(pointer), Inclusion.ONLY_INCLUDE_ALL, false)) {
      JsonToken token = found.nextToken();
      boolean scalar = token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL;
      return scalar ? found.getText() : null;
    } catch (IOException unreadable) {
      return null;
    }
  }

  private static @Nullable String bounded(@Nullable String value) {
    if (value == null || (!value.isEmpty() && value.length() <= MAX_LENGTH)) {
      return value;
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha.digest(value.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
