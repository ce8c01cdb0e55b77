package io.chainring.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, as the build wrote it into the resource {@code version.properties}. */
public final class Version implements IVersionProvider {

    private static final String RESOURCE = "version.properties";

    @Override
    public String[] getVersion() {
        return new String[] {"chainring " + text() + " (Java " + Runtime.version() + ")"};
    }

    /** The bare version, for example {@code 0.1.0-SNAPSHOT}. */
    public static String text() {
        Properties properties = new Properties();
        try (InputStream stream = Version.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(
                        "this build is incomplete: the resource " + RESOURCE + " is missing");
            }
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + RESOURCE, e);
        }
        String version = properties.getProperty("version");
        if (version == null) {
            throw new IllegalStateException("the resource " + RESOURCE + " names no version");
        }
        return version;
    }
}
