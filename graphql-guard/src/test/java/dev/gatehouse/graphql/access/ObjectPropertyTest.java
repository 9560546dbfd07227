package dev.gatehouse.graphql.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.graphql.access.ObjectCheck.RecordComponents;
import graphql.Scalars;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.PropertyDataFetcher;
import java.util.AbstractMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a rule reads of an object is what graphql-java would show of it. */
public class ObjectPropertyTest {
  private static final GraphQLFieldDefinition FIELD =
      GraphQLFieldDefinition.newFieldDefinition().name("it").type(Scalars.GraphQLString).build();

  public record Seen(String tenantId, String other) {}

  record Hidden(String tenantId) {}

  public record WithGetter(String tenantId) {
    public String getTenantId() {
      return "of the getter";
    }
  }

  public record Overridden(String tenantId) {
    @Override
    public String tenantId() {
      return "really " + tenantId;
    }
  }

  public record TwoCases(String tenantId) {
    public String TenantId() { // as some write it
      return "of the other";
    }
  }

  public record Throwing(String tenantId) {
    @Override
    public String tenantId() {
      throw new UnsupportedOperationException("not now");
    }
  }

  public static class Bean {
    public String getTenantId() {
      return "acme";
    }
  }

  private static Object asShown(Object object) throws Exception {
    return PropertyDataFetcher.<Object>fetching("tenantId").get(FIELD, object, () -> null);
  }

  private static Object asChecked(Object object) {
    return ObjectCheck.property("tenantId").apply(object);
  }

  @Test
  void property_ofAnyKindOfObject_isTheOneThatIsShown() throws Exception {
    for (Object object :
        new Object[] {
          new Seen("acme", "x"),
          new Seen(null, "x"),
          new Hidden("acme"),
          new WithGetter("acme"),
          new Overridden("acme"),
          new TwoCases("acme"),
          new Bean(),
          Map.of("tenantId", "acme"),
          Map.of(),
          "none"
        }) {
      assertThat(asChecked(object)).as(object.toString()).isEqualTo(asShown(object));
    }
    assertThat(asChecked(new Overridden("acme"))).isEqualTo("really acme");
    assertThat(asChecked(new WithGetter("acme"))).isEqualTo("acme");
  }

  @Test
  void component_isReadOfPublicRecordsOnly() {
    RecordComponents components = new RecordComponents("tenantId");
    assertThat(components.get(Seen.class)).isPresent();
    assertThat(components.get(Hidden.class)).isEmpty();
    assertThat(components.get(Bean.class)).isEmpty();
    assertThat(components.get(AbstractMap.SimpleEntry.class)).isEmpty();
    assertThat(new RecordComponents("absent").get(Seen.class)).isEmpty();
  }

  @Test
  void property_thatCannotBeRead_isAFailureWithoutAValue() {
    assertThatThrownBy(() -> asChecked(new Throwing("acme")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the property tenantId could not be read");
  }
}
