package io.chainring.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** Holds the list for embedders equal to what the parent builds. */
class BomTest {

    private static final Path ROOT = Path.of(System.getProperty("chainring.rootDirectory", ".."));

    @Test
    void namesTheVersionsOfTheParent() throws Exception {
        Document parent = pom(ROOT);
        Document bom = pom(ROOT.resolve("bom"));
        for (String version :
                new String[] {"/project/version", "/project/properties/pekko.version"}) {
            assertFalse(text(parent, version).isEmpty(), version);
            assertEquals(text(parent, version), text(bom, version), version);
        }
    }

    @Test
    void namesEachModuleThatIsPublishedAsAJar() throws Exception {
        TreeSet<String> built = new TreeSet<>();
        for (String module : texts(pom(ROOT), "/project/modules/module")) {
            Document pom = pom(ROOT.resolve(module));
            boolean published = !text(pom, "//properties/maven.deploy.skip").equals("true");
            if (published && !text(pom, "/project/packaging").equals("pom")) {
                built.add(text(pom, "/project/artifactId"));
            }
        }
        assertFalse(built.isEmpty());
        String ours = "//dependencyManagement//dependency[groupId='io.chainring']/artifactId";
        assertEquals(built, texts(pom(ROOT.resolve("bom")), ours));
    }

    private static Document pom(Path folder) throws Exception {
        Path file = folder.resolve("pom.xml");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Files.newInputStream(file), file.toString());
    }

    private static String text(Document pom, String path) throws XPathExpressionException {
        return XPathFactory.newInstance().newXPath().evaluate(path, pom);
    }

    private static TreeSet<String> texts(Document pom, String path)
            throws XPathExpressionException {
        NodeList found =
                (NodeList)
                        XPathFactory.newInstance()
                                .newXPath()
                                .evaluate(path, pom, XPathConstants.NODESET);
        TreeSet<String> texts = new TreeSet<>();
        for (int i = 0; i < found.getLength(); i++) {
            texts.add(found.item(i).getTextContent());
        }
        return texts;
    }
}
