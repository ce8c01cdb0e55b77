package io.chainring.base.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TransitionsTest {
    private enum Door {
        SHUT,
        OPEN,
        WALLED
    }

    private static final Transitions<Door> LEGAL =
            Transitions.of(Door.class)
                    .from(Door.SHUT, Door.OPEN, Door.WALLED)
                    .from(Door.OPEN, Door.SHUT);

    @Test
    void movesByTheTable() {
        Lifecycle<Door> door = LEGAL.startIn(Door.SHUT, "door");
        door.to(Door.OPEN);
        assertTrue(door.is(Door.OPEN));
        door.to(Door.SHUT);
        door.to(Door.WALLED);
        assertEquals(Door.WALLED, door.state());
    }

    @Test
    void aMoveThatIsNotInTheTableThrowsAndChangesNothing() {
        Lifecycle<Door> door = LEGAL.startIn(Door.OPEN, "door of the cellar");
        IllegalStateException illegal =
                assertThrows(IllegalStateException.class, () -> door.to(Door.WALLED));
        assertEquals("door of the cellar: WALLED does not follow OPEN", illegal.getMessage());
        assertTrue(door.is(Door.OPEN));
    }

    @Test
    void aTableIsNotChangedByWhatIsAddedToIt() {
        Transitions<Door> more = LEGAL.from(Door.WALLED, Door.OPEN);
        assertTrue(more.allow(Door.WALLED, Door.OPEN));
        assertFalse(LEGAL.allow(Door.WALLED, Door.OPEN));
    }
}
