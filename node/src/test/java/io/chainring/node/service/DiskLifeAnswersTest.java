package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.service.DiskLifeInput.Command;
import io.chainring.node.service.DiskLifeInput.Wish;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegistryRequest;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** When those who wait for a disk hear something although nothing has come of it yet. */
class DiskLifeAnswersTest {
    private final List<RegistryRequest> asked = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final DiskLifeEffects effects =
            (DiskLifeEffects)
                    Proxy.newProxyInstance(
                            DiskLifeEffects.class.getClassLoader(),
                            new Class<?>[] {DiskLifeEffects.class},
                            (proxy, method, arguments) -> {
                                switch (method.getName()) {
                                    case "ask" -> asked.add((RegistryRequest) arguments[0]);
                                    case "refuse" -> refused.add(arguments[0] + " " + arguments[1]);
                                    default -> throw new IllegalStateException(method.getName());
                                }
                                return null;
                            });
    private final UUID uuid = new UUID(1, 2);
    private final DiskLifeCore core = new DiskLifeCore(uuid, null, effects, () -> "r");

    private void create(long ticket) {
        DiskStorage storage = new DiskStorage("/d", 0, 0, "d");
        core.apply(new Command(ticket, new Wish.Create("d", null, storage, 512)));
    }

    @Test
    void aDiskThatHangsHoldsOnlySoManyCommands() {
        for (long ticket = 1; ticket <= CommandTurns.WAITING_LIMIT + 3; ticket++) {
            create(ticket);
        }
        String why = " 4 commands of disk " + uuid + " wait already; try again";
        assertEquals(List.of("6" + why, "7" + why), refused);
    }

    @Test
    void whileTheRegistryIsSilentTheOutcomeIsNotKnownAndNothingElseBegins() {
        create(1);
        create(2);
        core.apply(new DiskLifeInput.Unanswered());
        assertEquals("1 " + DiskTexts.UNANSWERED, refused.get(0));
        assertTrue(refused.get(1).startsWith("2 a command of disk "), refused::toString);
        create(3);
        assertTrue(refused.get(2).startsWith("3 a command of disk "), refused::toString);
        assertEquals(DiskStage.RESERVING, core.stage());
        assertEquals(1, asked.size(), "the same question is still open");
        core.apply(new DiskLifeInput.Refused("the name is taken"));
        assertEquals(DiskStage.GONE, core.stage());
        assertEquals(3, refused.size(), "answered once");
    }
}
