package io.chainring.persistence.query;

import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Store;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.SourceShape;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

/**
 * The stream of one query. It reads a page whenever its buffer is empty and somebody wants more, so it is never ahead of its
 * consumer by more than a page. A live one that finds nothing sleeps until the store tells of an append that concerns it.
 */
final class QuerySource<T> extends GraphStage<SourceShape<T>> {
    private final LeveldbPersistence persistence;
    private final StoreSettings settings;
    private final Function<Store, PageReader<T>> makeReader;
    private final boolean live;
    private final int pageSize;
    private final Outlet<T> out = Outlet.create("QuerySource.out");
    private final SourceShape<T> shape = SourceShape.of(out);

    QuerySource(
            LeveldbPersistence persistence,
            StoreSettings settings,
            int pageSize,
            boolean live,
            Function<Store, PageReader<T>> makeReader) {
        this.persistence = persistence;
        this.settings = settings;
        this.pageSize = pageSize;
        this.live = live;
        this.makeReader = makeReader;
    }

    @Override
    public SourceShape<T> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends GraphStageLogic implements Store.ChangeListener {
        private final ArrayDeque<T> buffer = new ArrayDeque<>();
        private final AtomicBoolean signalled = new AtomicBoolean();
        private final AsyncCallback<Logic> wake = createAsyncCallback(logic -> logic.woken());
        private @Nullable Store store;
        private volatile @Nullable PageReader<T> reader;

        Logic() {
            super(shape);
            setHandler(
                    out,
                    new AbstractOutHandler() {
                        @Override
                        public void onPull() {
                            pushNext();
                        }
                    });
        }

        @Override
        public void preStart() {
            Store opened = persistence.acquire(settings);
            store = opened;
            reader = makeReader.apply(opened);
            if (live) {
                // Before the first page: what is appended while it is read is not missed.
                opened.addChangeListener(this);
            }
        }

        @Override
        public void postStop() {
            Store opened = store;
            if (opened != null) {
                opened.removeChangeListener(this);
                persistence.release(opened);
            }
        }

        @Override
        public void appended(AtomicAppend append) {
            PageReader<T> pages = reader;
            signal(pages != null && pages.concerns(append));
        }

        @Override
        public void begun(String persistenceId) {
            PageReader<T> pages = reader;
            signal(pages != null && pages.concernsNew(persistenceId));
        }

        private void signal(boolean concerned) {
            if (concerned && signalled.compareAndSet(false, true)) {
                wake.invoke(this);
            }
        }

        private void woken() {
            if (isAvailable(out)) {
                pushNext();
            }
        }

        private void pushNext() {
            PageReader<T> pages = reader;
            if (buffer.isEmpty() && pages != null && !pages.isFinished()) {
                signalled.set(false);
                buffer.addAll(pages.next(pageSize));
            }
            T next = buffer.poll();
            if (next != null) {
                push(out, next);
            } else if (!live || (pages != null && pages.isFinished())) {
                completeStage();
            }
        }
    }
}
