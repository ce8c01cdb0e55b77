package io.chainring.registry.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNameTest {
    @ParameterizedTest
    @CsvSource({
        "vda, VD, 0",
        "vdb, VD, 1",
        "vdz, VD, 25",
        "vdaa, VD, 26",
        "vdaz, VD, 51",
        "vdba, VD, 52",
        "vdzz, VD, 701",
        "vdaaa, VD, 702",
        "vdzzz, VD, 18277",
        "vdaaaa, VD, 18278",
        "vdcrxp, VD, 65535",
        "sda, SD, 0",
        "sdaa, SD, 26",
        "sdcrxp, SD, 65535",
        "xvda, XVD, 0",
        "xvdzz, XVD, 701",
        "xvdcrxp, XVD, 65535",
        "C:, WINDOWS, 2",
        "D:, WINDOWS, 3",
        "Z:, WINDOWS, 25",
    })
    void namesAreSchemesWithValues(String text, NameScheme scheme, int value) {
        assertEquals(new DeviceName(scheme, value), DeviceName.parse(text));
        assertEquals(text, new DeviceName(scheme, value).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v",
                "vd",
                "sd",
                "xvd",
                "vdA",
                "VDA",
                "vda1",
                "vd1",
                "vd-",
                "hda",
                "nvme0n1",
                "vdcrxq",
                "vdzzzz",
                "vdaaaaa",
                "vdaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "xvdcrxq",
                "A:",
                "B:",
                "c:",
                "[:",
                "C",
                "CC:",
                "C:\\",
                " vda",
                "vda ",
                "vda\n",
                "vd\u0430"
            })
    void whatIsNoNameIsRefusedWithTheChoices(String text) {
        assertNull(DeviceName.tryParse(text));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> DeviceName.parse(text));
        assertTrue(String.valueOf(e.getMessage()).contains("vda to vdcrxp"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).lines().count() == 1, e.getMessage());
    }

    @Test
    void everyValueHasLettersOfItsOwn() {
        Set<String> seen = new HashSet<>();
        for (int value = 0; value <= DriveLetterValue.LARGEST; value++) {
            String letters = DriveLetterValue.letters(value);
            assertTrue(seen.add(letters), letters);
            assertEquals(value, DriveLetterValue.of(letters));
        }
    }

    @Test
    void valuesOutsideAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> DriveLetterValue.letters(-1));
        assertThrows(IllegalArgumentException.class, () -> DriveLetterValue.letters(65_536));
        assertThrows(IllegalArgumentException.class, () -> new DeviceName(NameScheme.WINDOWS, 1));
        assertThrows(IllegalArgumentException.class, () -> new DeviceName(NameScheme.WINDOWS, 26));
        assertThrows(IllegalArgumentException.class, () -> new DeviceName(NameScheme.VD, 65_536));
    }
}
