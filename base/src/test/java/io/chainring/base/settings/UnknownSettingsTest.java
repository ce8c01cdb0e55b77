package io.chainring.base.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import org.junit.jupiter.api.Test;

class UnknownSettingsTest {
    private static final ConfigObject KNOWN =
            ConfigFactory.parseString(
                            "loops = 0, nbd { listen = [], sockets = [] }, journal { class = a },"
                                    + " threads { executor = b, size = 4 }")
                    .root();

    private static void look(String given) {
        ConfigParseOptions origin = ConfigParseOptions.defaults().setOriginDescription("x.conf");
        UnknownSettings.refuse(ConfigFactory.parseString(given, origin).root(), KNOWN, "our.node");
    }

    private static void refused(String message, String given) {
        assertEquals(
                message,
                assertThrows(InvalidSettingException.class, () -> look(given)).getMessage());
    }

    @Test
    void knownOnesAreTaken() {
        look("loops = 3, nbd.sockets = [a]");
        look("");
    }

    @Test
    void misspeltOnesAreNamedWithWhatIsLikeThem() {
        refused(
                "our.node.lops: there is no such setting, but loops (x.conf: 2)",
                "nbd.listen = []\nlops = 3");
        refused(
                "our.node.nbd.lissten: there is no such setting, but listen (x.conf: 1)",
                "nbd.lissten = 3");
        refused("our.node.colour: there is no such setting (x.conf: 1)", "colour = red");
        refused("our.node.\"a.b\": there is no such setting (x.conf: 1)", "\"a.b\" = red");
    }

    @Test
    void blocksThatPekkoReadsTooMayHaveMore() {
        look("journal { replay-filter.mode = off }, threads.type = Dispatcher");
    }
}
