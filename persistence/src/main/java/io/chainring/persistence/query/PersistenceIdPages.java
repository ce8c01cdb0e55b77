package io.chainring.persistence.query;

import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreInspection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** All persistence ids, each once; a live one remembers those it has given. */
final class PersistenceIdPages implements PageReader<String> {
    private final StoreInspection inspection;
    private final boolean live;
    private final ConcurrentLinkedQueue<String> appeared = new ConcurrentLinkedQueue<>();

    /** What was given, or waits to be; from any thread. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    private @Nullable String last;
    private boolean tableRead;

    PersistenceIdPages(Store store, boolean live) {
        this.inspection = new StoreInspection(store);
        this.live = live;
    }

    @Override
    public List<String> next(int limit) {
        List<String> page = new ArrayList<>();
        while (page.isEmpty() && !tableRead) {
            readTable(limit, page);
        }
        String id = page.isEmpty() ? appeared.poll() : null;
        while (id != null) {
            page.add(id);
            id = page.size() < limit ? appeared.poll() : null;
        }
        return page;
    }

    private void readTable(int limit, List<String> page) {
        List<String> read = new ArrayList<>();
        inspection.persistenceIds(last, limit, read::add);
        tableRead = read.size() < limit;
        for (String id : read) {
            last = id;
            if (!live || known.add(id)) {
                page.add(id);
            }
        }
    }

    @Override
    public boolean isFinished() {
        return false;
    }

    @Override
    public boolean concerns(AtomicAppend append) {
        return concernsNew(append.persistenceId());
    }

    @Override
    public boolean concernsNew(String persistenceId) {
        boolean isNew = known.add(persistenceId);
        if (isNew) {
            appeared.add(persistenceId);
        }
        return isNew;
    }
}
