package io.chainring.node.service;

import io.chainring.host.store.BlockStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Stores whose writes get stuck when asked to, until they may go on: a storage that does not answer. */
final class StuckWrites {
    private boolean sticking;
    private volatile boolean statusFails;
    private int stuck;

    synchronized void stick() {
        sticking = true;
    }

    /** Whoever asks how a store is hears of a fault of ours. */
    void failStatus(boolean fails) {
        statusFails = fails;
    }

    synchronized void goOn() {
        sticking = false;
        notifyAll();
    }

    /** Writes that are stuck now. */
    synchronized int stuck() {
        return stuck;
    }

    private synchronized void pass() throws InterruptedException {
        stuck++;
        try {
            while (sticking) {
                wait();
            }
        } finally {
            stuck--;
        }
    }

    BlockStore around(BlockStore store) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    if (method.getName().equals("write")) {
                        pass();
                    }
                    if (statusFails && method.getName().equals("status")) {
                        throw new IllegalStateException("a fault of this test");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return (BlockStore)
                Proxy.newProxyInstance(
                        BlockStore.class.getClassLoader(),
                        new Class<?>[] {BlockStore.class},
                        handler);
    }
}
