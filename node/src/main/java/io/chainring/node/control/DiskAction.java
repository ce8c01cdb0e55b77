package io.chainring.node.control;

import io.chainring.node.http.BadRequestException;
import io.chainring.node.http.Json.Required;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something to do with one disk. Each kind is a page of the control socket, and its fields are the body:
 *
 * <pre>
 *   POST /disks/rename  {"key":"a","newDeviceName":"vdd","force":true}    DiskEntry
 * </pre>
 *
 * What the fields mean is said at {@link DiskControl}.
 */
public sealed interface DiskAction {
    /** The actions by the names of their pages. */
    Map<String, Class<? extends DiskAction>> BY_PAGE =
            Arrays.stream(DiskAction.class.getPermittedSubclasses())
                    .map(action -> action.<DiskAction>asSubclass(DiskAction.class))
                    .collect(Collectors.toMap(DiskAction::page, Function.identity()));

    /** The page of an action. */
    static String page(Class<?> action) {
        return "/disks/" + action.getSimpleName().toLowerCase(Locale.ROOT);
    }

    /**
     * Does it.
     *
     * @throws BadRequestException one line that names the field
     */
    CompletionStage<DiskEntry> on(DiskControl disks) throws BadRequestException;

    /** See {@link DiskControl#lookup}. */
    record Lookup(@Required String key) implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.lookup(key);
        }
    }

    /** See {@link DiskControl#create}. */
    record Create(
            @Required String name,
            @Nullable String path,
            long sizeBytes,
            @Nullable String deviceName)
            implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) throws BadRequestException {
            return disks.create(name, absolutePath(), sizeBytes, deviceName);
        }

        private @Nullable Path absolutePath() throws BadRequestException {
            try {
                Path absolute = path == null ? null : Path.of(path);
                if (absolute != null && !absolute.isAbsolute()) {
                    throw new BadRequestException("'path' is not absolute");
                }
                return absolute;
            } catch (InvalidPathException e) {
                throw new BadRequestException("'path' cannot be a path: " + e.getReason(), e);
            }
        }
    }

    /** See {@link DiskControl#insert}. */
    record Insert(@Required String key, @Nullable String deviceName) implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.insert(key, deviceName);
        }
    }

    /** See {@link DiskControl#eject}. */
    record Eject(@Required String key, boolean force) implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.eject(key, force);
        }
    }

    /** See {@link DiskControl#rename}. */
    record Rename(
            @Required String key,
            @Nullable String newDiskName,
            @Nullable String newDeviceName,
            boolean force)
            implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.rename(key, newDiskName, newDeviceName, force);
        }
    }

    /** See {@link DiskControl#resize}. */
    record Resize(@Required String key, @Required long sizeBytes) implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.resize(key, sizeBytes);
        }
    }

    /** See {@link DiskControl#forget}. */
    record Forget(@Required String key) implements DiskAction {
        @Override
        public CompletionStage<DiskEntry> on(DiskControl disks) {
            return disks.forget(key);
        }
    }
}
