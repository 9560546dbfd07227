package dev.gatehouse.samples.shop;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The shop's memory: two tenants, ten customers and fifty orders each, a hundred products. */
final class ShopData {
  static final List<String> TENANTS = List.of("acme", "globex");
  private static final int CUSTOMERS = 10;
  private static final int ORDERS = 50;
  private static final int PRODUCTS = 100;

  private final Map<String, Customer> customers = new TreeMap<>(ShopData::byNumber);
  private final Map<String, Product> products = new TreeMap<>(ShopData::byNumber);
  private final ConcurrentMap<String, Order> orders =
      new ConcurrentSkipListMap<>(ShopData::byNumber);

  ShopData() {
    for (int n = 1; n <= PRODUCTS; n++) {
      products.put("p" + n, new Product("p" + n, "Product " + n, n * 100));
    }
    for (String tenant : TENANTS) {
      fill(tenant);
    }
  }

  private void fill(String tenant) {
    for (int n = 1; n <= CUSTOMERS; n++) {
      String id = tenant + "-c" + n;
      customers.put(id, new Customer(id, tenant, "Customer " + n, id + "@mail.example"));
    }
    for (int n = 1; n <= ORDERS; n++) {
      String id = tenant + "-o" + n;
      String customer = tenant + "-c" + ((n - 1) % CUSTOMERS + 1);
      List<String> bought = List.of("p" + n, "p" + (n + 1), "p" + (n + 2));
      int total = 3 * n * 100 + 300;
      String notes = "checked by the back office, " + id;
      orders.put(id, new Order(id, tenant, customer, Order.Status.OPEN, total, notes, bought));
    }
  }

  // acme-o2 before acme-o10
  private static int byNumber(String one, String other) {
    int lengths = Integer.compare(one.length(), other.length());
    return lengths == 0 ? one.compareTo(other) : lengths;
  }

  @Nullable Customer customer(String id) {
    return customers.get(id);
  }

  @Nullable Product product(String id) {
    return products.get(id);
  }

  @Nullable Order order(String id) {
    return orders.get(id);
  }

  Stream<Order> orders() {
    return orders.values().stream();
  }

  Stream<Product> products() {
    return products.values().stream();
  }

  List<Product> productsOf(Order order) {
    return order.productIds().stream().map(products::get).toList();
  }

  /** The products that follow this one. */
  List<Product> related(Product product, int first) {
    int number = Integer.parseInt(product.id().substring(1));
    return IntStream.rangeClosed(number + 1, Math.min(PRODUCTS, number + first))
        .mapToObj(n -> products.get("p" + n))
        .toList();
  }

  /** Changes an order, if that tenant has it; returns what it is now. */
  Optional<Order> change(String tenant, String id, Order.Status next) {
    return Optional.ofNullable(
            orders.computeIfPresent(
                id, (key, order) -> order.tenantId().equals(tenant) ? order.with(next) : order))
        .filter(order -> order.tenantId().equals(tenant));
  }
}
