package io.chainring.gateway.nbd.setup;

import io.chainring.base.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;

/**
 * Who may connect to a unix socket: whoever may write to its file.
 *
 * @param mode permissions of the file
 * @param group name or number of its group; empty: the process's own
 */
public record UnixSocketRights(Set<PosixFilePermission> mode, String group) {
    private static final String BITS = "rwxrwxrwx";
    private static final int OCTAL = 8;

    /** Reads {@code unix-socket-mode} and {@code unix-socket-group}. */
    static UnixSocketRights of(Settings nbd) {
        return new UnixSocketRights(
                nbd.parsed("unix-socket-mode", UnixSocketRights::mode),
                nbd.text("unix-socket-group"));
    }

    private static Set<PosixFilePermission> mode(String octal) {
        if (!octal.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(
                    "allowed are three octal digits in quotes, as in \"0660\"");
        }
        int bits = Integer.parseInt(octal, OCTAL);
        StringBuilder text = new StringBuilder(BITS);
        for (int i = 0; i < BITS.length(); i++) {
            if ((bits >> (BITS.length() - 1 - i) & 1) == 0) {
                text.setCharAt(i, '-');
            }
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    /**
     * Gives them to a socket. The group comes first: nobody of the old one may connect meanwhile.
     *
     * @param socket in a folder to which nobody else has access: a socket cannot be opened, so its mode can only be changed
     *     by a path that is followed
     * @throws IOException with one line that names the setting when there is no such group, or it may not be given
     */
    public void give(Path socket) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(socket, PosixFileAttributeView.class);
        if (!group.isEmpty()) {
            try {
                view.setGroup(
                        socket.getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByGroupName(group));
            } catch (UserPrincipalNotFoundException e) {
                throw new IOException(
                        "chainring.nbd.unix-socket-group = " + group + ": there is no such group",
                        e);
            } catch (IOException e) {
                throw new IOException(
                        "chainring.nbd.unix-socket-group = "
                                + group
                                + ": only root, or a member of it, may give a file to a group",
                        e);
            }
        }
        view.setPermissions(mode);
    }
}
