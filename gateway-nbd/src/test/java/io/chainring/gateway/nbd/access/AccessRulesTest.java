package io.chainring.gateway.nbd.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.access.ClientIdentity.AlternativeName;
import io.chainring.gateway.nbd.access.ClientIdentity.NameType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules grant to whom, and what a file of rules may say. */
class AccessRulesTest {
    private static final ClientIdentity ALICE =
            client(
                    "CN=alice,O=Example",
                    "alice",
                    new AlternativeName(NameType.DNS, "h1.hv.example.org"),
                    new AlternativeName(NameType.EMAIL, "alice@example.org"),
                    new AlternativeName(NameType.URI, "spiffe://example.org/alice"),
                    new AlternativeName(NameType.IP, "10.0.0.7"),
                    new AlternativeName(NameType.IP, "0:0:0:0:0:0:0:1"));
    private static final ClientIdentity NAMELESS = client("O=Example", "");

    private static ClientIdentity client(
            String subject, String commonName, AlternativeName... names) {
        return new ClientIdentity(
                ClientIdentity.canonical(new X500Principal(subject)),
                commonName,
                List.of(names),
                "");
    }

    private static final ClientIdentity KEY = ClientIdentity.ofPreSharedKey("alice");

    private static Grant granted(String rules, ClientIdentity client, String export) {
        return AccessFile.parse("rules = [" + rules + "]", "rules").grant(client, export);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "anybody                        | alice  | yes",
                "anybody                        | nobody | yes",
                "cn:alice                       | alice  | yes",
                "cn:Alice                       | alice  | no",
                "cn:al                          | alice  | no",
                "cn:al*                         | alice  | yes",
                "cn:*                           | alice  | yes",
                "cn:*                           | nobody | no",
                "cn:alice                       | other  | no",
                "subject:CN=alice,O=Example     | alice  | yes",
                "subject:CN=Alice, O=EXAMPLE    | alice  | yes",
                "subject:O=Example,CN=alice     | alice  | no",
                "subject:CN=alice               | alice  | no",
                "subject:CN=*,O=Example         | alice  | no",
                "subject:O=Example              | other  | yes",
                "dns:h1.hv.example.org          | alice  | yes",
                "dns:H1.HV.example.org          | alice  | yes",
                "dns:*.hv.example.org           | alice  | yes",
                "dns:*.example.org              | alice  | yes",
                "dns:*.org.example              | alice  | no",
                "dns:alice@example.org          | alice  | no",
                "email:alice@example.org        | alice  | yes",
                "email:*@example.org            | nobody | no",
                "uri:spiffe://example.org/*     | alice  | yes",
                "ip:10.0.0.7                    | alice  | yes",
                "ip:::1                         | alice  | yes",
                "ip:10.0.0.8                    | alice  | no",
                "psk:alice                      | key    | yes",
                "psk:a*                         | key    | yes",
                "psk:Alice                      | key    | no",
                "psk:alice                      | alice  | no",
                "psk:*                          | nobody | no",
                "cn:*                           | key    | no",
                "subject:O=Example              | key    | no",
                "anybody                        | key    | yes",
            })
    void whomAPatternMeans(String pattern, String who, String means) {
        ClientIdentity client =
                switch (who) {
                    case "alice" -> ALICE;
                    case "other" -> NAMELESS;
                    case "key" -> KEY;
                    default -> ClientIdentity.ANONYMOUS;
                };
        Grant grant =
                granted(
                        "{ clients = [\""
                                + pattern
                                + "\"], exports = [\"*\"], access = read-only }",
                        client,
                        "d");
        assertEquals(means.equals("yes") ? Grant.READ_ONLY : Grant.NONE, grant);
    }

    @ParameterizedTest
    @CsvSource({
        "*, d, true",
        "*, '', true",
        "d, d, true",
        "d, D, false",
        "d, dd, false",
        "a-*, a-1, true",
        "a-*, a-, true",
        "a-*, b-a-1, false",
        "*-data, web-data, true",
        "*-data, web-data2, false",
        "a*b*c, a1b2c, true",
        "a*b*c, abcb, false",
        "a*b*c, abbcbc, true",
        "**, x, true",
        "vd?, vda, false"
    })
    void whatAStarStandsFor(String pattern, String name, boolean matches) {
        assertEquals(matches, new NamePattern(pattern).matches(name));
    }

    @Test
    void manyStarsAgainstALongNameTakeNoTime() {
        assertFalse(new NamePattern("*a".repeat(2000) + "b").matches("a".repeat(4096)));
    }

    @Test
    void theMostThatAnyRuleGrantsHolds() {
        String rules =
                "{ clients = [\"cn:*\"], exports = [\"*\"], access = read-only },"
                        + "{ clients = [\"cn:alice\", \"cn:bob\"], exports = [\"a-*\", shared], access = read-write },"
                        + "{ clients = [\"cn:alice\"], exports = [\"a-*\"], access = read-only }";
        assertEquals(Grant.READ_WRITE, granted(rules, ALICE, "a-1"));
        assertEquals(Grant.READ_WRITE, granted(rules, ALICE, "shared"));
        assertEquals(Grant.READ_ONLY, granted(rules, ALICE, "b-1"));
        assertEquals(Grant.NONE, granted(rules, ClientIdentity.ANONYMOUS, "a-1"));
        assertEquals(Grant.NONE, granted("", ALICE, "a-1"));
        assertEquals(Grant.READ_WRITE, AccessRules.NONE.grant(ClientIdentity.ANONYMOUS, "a-1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "rules = 3",
                "rules = [",
                "rules = [], more = 1",
                "rules = [{ clients = [anybody], exports = [d] }]",
                "rules = [{ clients = [anybody], exports = [d], access = read-only, acess = x }]",
                "rules = [{ clients = [anybody], exports = [d], access = everything }]",
                "rules = [{ clients = [anybody], exports = [d], access = none }]",
                "rules = [{ clients = [alice], exports = [d], access = read-only }]",
                "rules = [{ clients = [\"cn:\"], exports = [d], access = read-only }]",
                "rules = [{ clients = [\"uid:0\"], exports = [d], access = read-only }]",
                "rules = [{ clients = [\"subject:nonsense\"], exports = [d], access = read-only }]",
                "rules = [{ clients = [\"ip:localhost\"], exports = [d], access = read-only }]",
                "rules = [{ clients = [anybody], exports = [\"\"], access = read-only }]",
                "rules = [{ clients = anybody, exports = [d], access = read-only }]",
            })
    void whatIsWrongIsSaidInOneLine(String text) {
        String problem =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> AccessFile.parse(text, "the-rules"))
                        .getMessage();
        assertTrue(problem.startsWith("the-rules"), problem);
        assertFalse(problem.contains("\n"), problem);
    }

    @Test
    void aFileThatEverybodyMayWriteIsRefused(@TempDir Path folder) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("rules"),
                        "rules = [{ clients = [anybody], exports = [d], access = read-only }]");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(Grant.READ_ONLY, AccessFile.read(file).grant(ALICE, "d"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        String problem =
                assertThrows(IllegalArgumentException.class, () -> AccessFile.read(file))
                        .getMessage();
        assertTrue(problem.contains("chmod o-w"), problem);
        Files.delete(file);
        assertThrows(IllegalArgumentException.class, () -> AccessFile.read(file));
    }

    @Test
    void whoHasAKeyIsNobodyWithACertificate() {
        assertEquals("psk:alice", KEY.key());
        assertEquals("cn=alice,o=example", ALICE.key());
        assertEquals("", ClientIdentity.ANONYMOUS.key());
    }
}
