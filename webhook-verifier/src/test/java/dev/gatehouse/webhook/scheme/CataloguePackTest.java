package dev.gatehouse.webhook.scheme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Problems;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CataloguePackTest {
  private static final CataloguePack NONE = CataloguePack.of("");

  static List<String> names() {
    return Schemes.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void pack_ofTheCatalogue_saysWhatTheFileSays(String name) {
    assertThat(Schemes.pack().tree(name)).contains(Schemes.tree(Schemes.withoutVectors(name)));
  }

  @ParameterizedTest
  @MethodSource("names")
  void scheme_readWithoutAPack_isTheSame(String name) {
    Scheme packed = Schemes.load(name, Schemes.pack());
    Scheme unpacked = Schemes.load(name, NONE);

    assertThat(unpacked.toString()).isEqualTo(packed.toString());
    assertThat(unpacked.vectors()).isEqualTo(packed.vectors()).isNotEmpty();
  }

  @Test
  void pack_ofOtherNames_hasNoTree() {
    assertThat(Schemes.pack().tree("no-such-scheme")).isEmpty();
    assertThat(Schemes.pack().tree("")).isEmpty();
    assertThat(NONE.tree("github")).isEmpty();
  }

  @Test
  void pack_ofEveryKindOfValue_givesThemAll() {
    CataloguePack pack = CataloguePack.of("a {\"x\":[1,true,false,null,\"\\u00e9 }\",{}]}\nb []\n");

    assertThat(pack.tree("a"))
        .map(Object::toString)
        .contains("{x=[1, true, false, null, é }, {}]}");
    assertThat(pack.tree("b")).contains(List.of());
  }

  @Test
  void scheme_packedWithAnUnknownKey_isRefusedAsInAFile() {
    CataloguePack pack = CataloguePack.of("github {\"name\":\"github\",\"nonsense\":1}\n");

    assertThatThrownBy(() -> Schemes.load("github", pack))
        .isInstanceOf(Problems.InvalidException.class)
        .hasMessageContaining("nonsense");
  }
}
