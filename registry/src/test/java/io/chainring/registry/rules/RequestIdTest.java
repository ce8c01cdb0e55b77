package io.chainring.registry.rules;

import static io.chainring.registry.rules.RegistryFixture.accepted;
import static io.chainring.registry.rules.RegistryFixture.disk;
import static io.chainring.registry.rules.RegistryFixture.name;
import static io.chainring.registry.rules.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.Refusal.Incompatible;
import io.chainring.registry.rules.Refusal.NameTaken;
import io.chainring.registry.rules.Refusal.RequestIdReused;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row R2 in the core: a request that is sent again, and ids that are not what they should be. */
class RequestIdTest {
    private static final DeviceName VDC = DeviceName.parse("vdc");

    private final RegistryFixture registry =
            new RegistryFixture(RegistryFixture.settings(ReusePolicy.STICKY));

    @Test
    void theSameRequestAgainGetsTheSameAnswerWhateverHappenedSince() {
        RegistryRequest insert =
                new RegistryRequest.Insert(disk(1), name(1), "vdc", "insert-of-the-morning");
        RegistryAnswer answer = registry.tell(insert);
        accepted(registry.attached(accepted(answer)));
        registry.away(1);
        int events = registry.journal.size();
        assertEquals(answer, registry.tell(insert));
        registry.die();
        assertEquals(answer, registry.tell(insert));
        assertEquals(events, registry.journal.size());
        assertNull(registry.state.names().holder(VDC));
    }

    @Test
    void aRefusalIsRememberedToo() {
        registry.inserted(1, "vdc");
        RegistryRequest late = new RegistryRequest.Insert(disk(2), name(2), "vdc", "late");
        RegistryAnswer answer = registry.tell(late);
        refused(NameTaken.class, answer);
        registry.away(1);
        registry.die();
        assertEquals(answer, registry.tell(late));
        assertNull(registry.state.disk(disk(2)));
    }

    @Test
    void aRequestIdIsForOneRequest() {
        registry.tell(new RegistryRequest.Insert(disk(1), name(1), "vdc", "a"));
        int events = registry.journal.size();
        for (RegistryRequest other :
                List.of(
                        new RegistryRequest.Insert(disk(1), name(1), "vdd", "a"),
                        new RegistryRequest.Insert(disk(1), name(1), null, "a"),
                        new RegistryRequest.Insert(disk(1), "vdc", name(1), "a"),
                        new RegistryRequest.Insert(disk(2), name(1), "vdc", "a"),
                        new RegistryRequest.Eject(disk(1), "a"),
                        new RegistryRequest.Forget(disk(1), "a"),
                        new RegistryRequest.Rename(disk(1), name(1), "vdc", "a"))) {
            assertEquals("a", refused(RequestIdReused.class, registry.tell(other)).requestId());
        }
        assertEquals(events, registry.journal.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "\u00e4", "\u0000"})
    void malformedRequestIdsAreRefusedAndNotRemembered(String requestId) {
        RegistryRequest insert = new RegistryRequest.Insert(disk(1), name(1), null, requestId);
        refused(Incompatible.class, registry.tell(insert));
        String tooLong = "r".repeat(65);
        refused(Incompatible.class, registry.tell(new RegistryRequest.Eject(disk(1), tooLong)));
        assertEquals(0, registry.journal.size());
    }

    @Test
    void theOldestAnsweredRequestsAreForgotten() {
        RegistryRequest first = new RegistryRequest.Insert(disk(1), name(1), "vdc", "first");
        accepted(registry.tell(first));
        for (int i = 0; i < 49; i++) {
            registry.insert(1, null);
        }
        int events = registry.journal.size();
        registry.tell(first);
        assertEquals(events, registry.journal.size());
        registry.insert(1, null);
        registry.tell(first);
        assertEquals(events + 2, registry.journal.size(), "judged as new");
        assertEquals(50, registry.state.answered().size());
        RegistryAnswer latest = registry.tell(first);
        RegistrySettings old = registry.settings;
        registry.reopen(
                new RegistrySettings(
                        old.policy(),
                        old.quarantine(),
                        old.schemes(),
                        old.reservedNames(),
                        old.diskLimit(),
                        1000));
        assertEquals(latest, registry.tell(first), "also under a limit that keeps both");
        registry.reopen(old);
        assertEquals(latest, registry.tell(first));
    }

    @Test
    void aTextThatCannotBeEncodedComesBackFromTheJournalAsItWasAnswered() {
        RegistryRequest insert =
                new RegistryRequest.Insert(disk(1), name(1), "vd\uD800\u0000\n", "r");
        RegistryAnswer answer = registry.tell(insert);
        refused(Incompatible.class, answer);
        registry.thaw();
        assertEquals(answer, registry.tell(insert));
    }
}
