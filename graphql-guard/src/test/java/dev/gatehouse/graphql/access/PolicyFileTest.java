package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Problems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFileTest {
  @TempDir private Path folder;

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("policies.yaml"), text);
  }

  @Test
  void rules_ofAFile_holdBesideTheDirectivesAndWithTheirVersion() throws Exception {
    AuditSink.InMemory audit = AuditSink.inMemory(10);
    Path path =
        file(
            """
            version: "7"
            rules:
              Query.me: { scopes: [[me:read], [admin]] }
              Product: { authenticated: true }
              Order.status: { policies: [[may-see]], mode: observe }
              Query.maybeOrders: { scopes: [[many]], refuse: operation }
              Customer.id: { public: true }
            """);
    PolicyFile file = PolicyFile.read(path);
    Shop shop = new Shop(guard -> guard.policyFile(file).audit(audit));

    assertThat(codes(shop.ask(ann(), "{ me { id } }"))).containsExactly("FORBIDDEN");
    assertThat(codes(shop.ask(ann("admin"), "{ me { id } }"))).isEmpty();
    assertThat(codes(shop.ask(null, "{ me { id } }"))).contains("UNAUTHENTICATED");
    assertThat(codes(shop.ask(null, "{ product(id: \"p1\") { id } }"))).contains("UNAUTHENTICATED");
    assertThat(codes(shop.ask(ann("order:paid"), "{ order(id: \"acme-o2\") { status } }")))
        .isEmpty();
    shop.ran.clear();
    assertThat(shop.ask(ann("admin"), "{ me { id } maybeOrders { id } }").isDataPresent())
        .isFalse();
    assertThat(shop.ran).isEmpty();
    assertThat(audit.events().get(0).details().get("policy").text()).isEqualTo("7");
    assertThat(audit.events().get(4).details().get("observed").text()).isEqualTo("Order.status");
  }

  @Test
  void mask_ofAFileUnderObservation_masksNothingAndIsRecorded() throws Exception {
    AuditSink.InMemory audit = AuditSink.inMemory(10);
    PolicyFile file =
        PolicyFile.read(
            file(
                """
                rules:
                  Product.name: { mode: observe, masked: { unlessScopes: [read], with: "***" } }
                """));
    Shop shop = new Shop(guard -> guard.policyFile(file).audit(audit));

    assertThat(shop.ask(ann(), "{ product(id: \"p1\") { name } }").<Object>getData())
        .isEqualTo(Map.of("product", Map.of("name", "a product")));
    assertThat(audit.events().get(0).details().get("observed").text()).isEqualTo("Product.name");
  }

  @Test
  void file_readAgain_changesWhatHoldsForDocumentsThatAreKept() throws Exception {
    Path path = file("rules: { Query.me: { scopes: [[me:read]] } }");
    PolicyFile file = PolicyFile.read(path);
    Shop shop = new Shop(guard -> guard.policyFile(file));
    String before = file.version();
    assertThat(codes(shop.ask(ann(), "{ me { id } }"))).containsExactly("FORBIDDEN");
    file("rules: { Query.me: { authenticated: true } }");
    file.reload();

    assertThat(codes(shop.ask(ann(), "{ me { id } }"))).isEmpty();
    assertThat(file.version()).startsWith("sha256:").isNotEqualTo(before);
  }

  @Test
  void file_thatDoesNotFit_changesNothing() throws Exception {
    Path path = file("rules: { Query.me: { scopes: [[me:read]] } }");
    PolicyFile file = PolicyFile.read(path);
    Shop shop = new Shop(guard -> guard.policyFile(file));
    for (String text :
        List.of(
            "rules: { Query.nope: { authenticated: true } }",
            "rules: { Query.me: { authenticatd: true } }",
            "rules: { Query.me: { scopes: [] } }",
            "rules: { Query.me: { scopes: [[]] } }",
            "rules: { Query.me: { scopes: me } }",
            "rules: {}",
            "",
            "rules: { Query.me: { authenticated: true }, Query.me: { public: true } }",
            "rules: [",
            "rules: { Mutation.log: { masked: { unlessScopes: [a] } } }",
            "rules: { Customer.email: { masked: { unlessScopes: [], with: x } } }")) {
      file(text);
      assertThatThrownBy(file::reload).as(text).isInstanceOf(Problems.InvalidException.class);
      assertThat(codes(shop.ask(ann(), "{ me { id } }"))).as(text).containsExactly("FORBIDDEN");
    }
  }
}
