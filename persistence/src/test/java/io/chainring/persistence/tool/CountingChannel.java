package io.chainring.persistence.tool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is opened to be synced, and tells when it is; nothing else is done with it. */
final class CountingChannel extends FileChannel {
    private final FileChannel channel;
    private final Runnable forced;

    CountingChannel(Path file) throws IOException {
        this(file, () -> {});
    }

    CountingChannel(Path file, Runnable forced) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        this.forced = forced;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        channel.force(metaData);
        forced.run();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        channel.close();
    }

    private static IllegalStateException other() {
        return new IllegalStateException("it is opened to be synced");
    }

    @Override
    public int read(ByteBuffer bytes) {
        throw other();
    }

    @Override
    public long read(ByteBuffer[] bytes, int offset, int length) {
        throw other();
    }

    @Override
    public int write(ByteBuffer bytes) {
        throw other();
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) {
        throw other();
    }

    @Override
    public long position() {
        throw other();
    }

    @Override
    public FileChannel position(long position) {
        throw other();
    }

    @Override
    public long size() {
        throw other();
    }

    @Override
    public FileChannel truncate(long size) {
        throw other();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw other();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw other();
    }

    @Override
    public int read(ByteBuffer bytes, long position) {
        throw other();
    }

    @Override
    public int write(ByteBuffer bytes, long position) {
        throw other();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw other();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw other();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw other();
    }
}
