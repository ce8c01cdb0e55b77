package io.chainring.node.files;

import com.typesafe.config.Config;
import io.chainring.base.files.LibraryFolder;
import io.chainring.base.settings.Settings;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Netty and JNA unpack their native libraries where LevelDB's is: in a folder of this user's. Both remove what they
 * have unpacked as soon as it is loaded.
 */
public final class NativePlace {
    private static final Logger LOG = LoggerFactory.getLogger(NativePlace.class);

    private NativePlace() {}

    /** Before the first class of either is loaded. What somebody has set for one of them stays. */
    public static void use(Config config) {
        String told = Settings.at(config, "chainring.persistence.leveldb").text("native-directory");
        try {
            String folder = LibraryFolder.find(told).path().toString();
            setUnlessSet("io.netty.native.workdir", folder);
            setUnlessSet("jna.tmpdir", folder);
        } catch (IOException e) {
            LOG.warn(
                    "No folder for native libraries, without which disks are slower and unix sockets cannot be served: {};"
                            + " chainring.persistence.leveldb.native-directory names another",
                    e.getMessage());
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
