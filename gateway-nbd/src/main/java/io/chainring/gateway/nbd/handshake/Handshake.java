package io.chainring.gateway.nbd.handshake;

import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.handshake.OptionData.MalformedOptionException;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.netty.buffer.ByteBuf;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the handshake: bytes in, replies out, and a verdict on what is to happen next. No channel, no
 * clock; one thread.
 *
 * <pre>
 *                  START_TLS           refused (GO)
 *                  +-------+     +-------------------+
 *                  v       |     v                   |
 * CLIENT_FLAGS --> OPTIONS-+--> OPENING --opened--> DONE
 *      |             |  ^          |
 *      |             |  +-- SKIPPING (option data over the limit)
 *      +-------------+------------+---> CLOSED
 * </pre>
 *
 * Nothing of an option is interpreted before all of it is there. The input buffer keeps what is not consumed, at most
 * one option: its header and {@link NbdSettings#maxOptionBytes} of data (I10).
 */
public final class Handshake {
    /** What the driver of the handshake has to do after a {@link #feed}. */
    public enum Verdict {
        /** Send the output, bring more input. */
        MORE,
        /** Send the output, then encrypt, then {@link #tlsStarted}. */
        START_TLS,
        /** Open {@link #export}, then {@link #opened} or {@link #refused}. */
        OPEN,
        /** Send the output and close; {@link #problem} says why. */
        CLOSE
    }

    private enum State {
        CLIENT_FLAGS,
        OPTIONS,
        SKIPPING,
        OPENING,
        DONE,
        CLOSED
    }

    private final NbdSettings settings;
    private final TlsMode tlsMode;
    private final ExportDirectory exports;
    private final BooleanSupplier shuttingDown;
    private State state = State.CLIENT_FLAGS;
    private boolean fixedNewstyle;
    private boolean noZeroes;
    private boolean encrypted;
    private boolean structuredReplies;
    private @Nullable String contextExport;
    private int options;
    private int skipOption;
    private int skipBytes;
    private int openingOption;
    private InfoRequest asked = InfoRequest.NOTHING;
    private @Nullable NbdExport export;
    private String problem = "";

    /** With a mode that may be stricter than the settings, and what this client may see. */
    public Handshake(
            NbdSettings settings,
            TlsMode tlsMode,
            ExportDirectory exports,
            BooleanSupplier shuttingDown) {
        this.settings = settings;
        this.tlsMode = tlsMode;
        this.exports = exports;
        this.shuttingDown = shuttingDown;
    }

    /** What the server says first. */
    public void greet(ByteBuf out) {
        OptionReplies.greeting(out);
    }

    /**
     * Takes what has arrived.
     *
     * @param in read as far as it can be understood; the rest stays in it
     * @param out replies are appended, up to {@link NbdSettings#maxOptionBytes} and the one behind; then this is to be
     *     called again
     */
    public Verdict feed(ByteBuf in, ByteBuf out) {
        while (true) {
            switch (state) {
                case CLIENT_FLAGS -> {
                    if (in.readableBytes() < Integer.BYTES) {
                        return Verdict.MORE;
                    }
                    clientFlags(in.readInt());
                }
                case SKIPPING -> {
                    int skip = Math.min(skipBytes, in.readableBytes());
                    in.skipBytes(skip);
                    skipBytes -= skip;
                    if (skipBytes > 0) {
                        return Verdict.MORE;
                    }
                    state = State.OPTIONS;
                    OptionReplies.error(
                            out,
                            skipOption,
                            NbdProtocol.REP_ERR_TOO_BIG,
                            "option data over the limit of "
                                    + settings.maxOptionBytes()
                                    + " bytes");
                }
                case OPTIONS -> {
                    if (out.readableBytes() >= settings.maxOptionBytes()) {
                        return Verdict.MORE;
                    }
                    Verdict verdict = option(in, out);
                    if (verdict != null) {
                        return verdict;
                    }
                }
                case CLOSED -> {
                    return Verdict.CLOSE;
                }
                default -> throw new IllegalStateException("input while " + state);
            }
        }
    }

    private void clientFlags(int flags) {
        if ((flags & ~(NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES)) != 0) {
            close("unknown client flags 0x" + Integer.toHexString(flags));
            return;
        }
        fixedNewstyle = (flags & NbdProtocol.FLAG_FIXED_NEWSTYLE) != 0;
        noZeroes = (flags & NbdProtocol.FLAG_NO_ZEROES) != 0;
        state = State.OPTIONS;
    }

    /** One option, or a verdict when there is none to handle or nothing may follow it. */
    private @Nullable Verdict option(ByteBuf in, ByteBuf out) {
        if (in.readableBytes() < NbdProtocol.OPTION_HEADER_BYTES) {
            return Verdict.MORE;
        }
        int start = in.readerIndex();
        long magic = in.getLong(start);
        int option = in.getInt(start + 8);
        int lengthBytes = in.getInt(start + 12);
        if (magic != NbdProtocol.IHAVEOPT) {
            return close("bad option magic 0x" + Long.toHexString(magic));
        }
        boolean tooLong = lengthBytes < 0 || lengthBytes > settings.maxOptionBytes();
        if (!tooLong && in.readableBytes() - NbdProtocol.OPTION_HEADER_BYTES < lengthBytes) {
            return Verdict.MORE;
        }
        in.skipBytes(NbdProtocol.OPTION_HEADER_BYTES);
        if (++options > settings.maxOptionsPerHandshake()) {
            return close("more than " + settings.maxOptionsPerHandshake() + " options");
        }
        if (!fixedNewstyle && option != NbdProtocol.OPT_EXPORT_NAME) {
            return close("option " + option + " without fixed newstyle");
        }
        if (tooLong) {
            return skip(option, lengthBytes);
        }
        return handle(option, in.readSlice(lengthBytes), out);
    }

    private @Nullable Verdict skip(int option, int lengthBytes) {
        if (option == NbdProtocol.OPT_EXPORT_NAME
                || lengthBytes < 0
                || lengthBytes > settings.maxSkippedOptionBytes()) {
            return close(
                    "option %s with %s bytes of data"
                            .formatted(option, Integer.toUnsignedString(lengthBytes)));
        }
        skipOption = option;
        skipBytes = lengthBytes;
        state = State.SKIPPING;
        return null;
    }

    private @Nullable Verdict handle(int option, ByteBuf bytes, ByteBuf out) {
        OptionData data = new OptionData(bytes);
        boolean tlsMissing = tlsMode == TlsMode.REQUIRED && !encrypted;
        try {
            if (option == NbdProtocol.OPT_EXPORT_NAME) {
                return tlsMissing
                        ? close("EXPORT_NAME before TLS")
                        : exportName(data.rest("export name"));
            }
            if (option == NbdProtocol.OPT_ABORT) {
                OptionReplies.acknowledge(out, option);
                return close("");
            }
            if (shuttingDown.getAsBoolean()) {
                OptionReplies.error(
                        out, option, NbdProtocol.REP_ERR_SHUTDOWN, "the server is shutting down");
                return null;
            }
            if (option == NbdProtocol.OPT_STARTTLS) {
                return startTls(data, out);
            }
            if (tlsMissing) {
                OptionReplies.error(out, option, NbdProtocol.REP_ERR_TLS_REQD, "STARTTLS first");
                return null;
            }
            return haggle(option, data, out);
        } catch (MalformedOptionException e) {
            if (option == NbdProtocol.OPT_EXPORT_NAME) {
                return close("EXPORT_NAME: " + e.getMessage());
            }
            OptionReplies.error(
                    out, option, NbdProtocol.REP_ERR_INVALID, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable Verdict haggle(int option, OptionData data, ByteBuf out)
            throws MalformedOptionException {
        switch (option) {
            case NbdProtocol.OPT_LIST -> {
                data.end();
                for (NbdExport each : exports.list()) {
                    OptionReplies.server(out, each);
                }
                OptionReplies.acknowledge(out, option);
            }
            case NbdProtocol.OPT_STRUCTURED_REPLY -> {
                data.end();
                structuredReplies = true;
                OptionReplies.acknowledge(out, option);
            }
            case NbdProtocol.OPT_LIST_META_CONTEXT, NbdProtocol.OPT_SET_META_CONTEXT ->
                    metaContext(option, data, out);
            case NbdProtocol.OPT_INFO, NbdProtocol.OPT_GO -> {
                return info(option, data, out);
            }
            default ->
                    OptionReplies.error(
                            out,
                            option,
                            NbdProtocol.REP_ERR_UNSUP,
                            "option " + option + " is unknown");
        }
        return null;
    }

    private @Nullable Verdict startTls(OptionData data, ByteBuf out)
            throws MalformedOptionException {
        int option = NbdProtocol.OPT_STARTTLS;
        data.end();
        if (encrypted) {
            OptionReplies.error(out, option, NbdProtocol.REP_ERR_INVALID, "TLS is running already");
        } else if (tlsMode == TlsMode.OFF) {
            OptionReplies.error(out, option, NbdProtocol.REP_ERR_POLICY, "TLS is switched off");
        } else {
            OptionReplies.acknowledge(out, option);
            return Verdict.START_TLS;
        }
        return null;
    }

    /** The connection is encrypted from here on; what was negotiated in the clear does not count. */
    public void tlsStarted() {
        encrypted = true;
        structuredReplies = false;
        contextExport = null;
    }

    private Verdict exportName(String name) {
        NbdExport found = shuttingDown.getAsBoolean() ? null : exports.select(name);
        if (found == null) {
            return close(noExport(name));
        }
        return open(NbdProtocol.OPT_EXPORT_NAME, name, found);
    }

    private @Nullable Verdict info(int option, OptionData data, ByteBuf out)
            throws MalformedOptionException {
        InfoRequest request = InfoRequest.read(data);
        NbdExport found = exports.select(request.name());
        if (found == null) {
            unknown(out, option, request.name());
            return null;
        }
        if (option == NbdProtocol.OPT_GO) {
            asked = request;
            return open(option, request.name(), found);
        }
        int flags = found.transmissionFlags(structuredReplies);
        request.describe(out, option, found, found.sizeBytes(), flags, settings.maxPayloadBytes());
        return null;
    }

    private void metaContext(int option, OptionData data, ByteBuf out)
            throws MalformedOptionException {
        boolean set = option == NbdProtocol.OPT_SET_META_CONTEXT;
        if (set) {
            contextExport = null;
        }
        if (!structuredReplies) {
            OptionReplies.error(out, option, NbdProtocol.REP_ERR_INVALID, "STRUCTURED_REPLY first");
            return;
        }
        ContextQueries queries = ContextQueries.read(data, set);
        if (exports.select(queries.name()) == null) {
            unknown(out, option, queries.name());
            return;
        }
        if (queries.allocation()) {
            OptionReplies.metaContext(out, option, set ? NbdProtocol.BASE_ALLOCATION_ID : 0);
        }
        if (set && queries.allocation()) {
            contextExport = queries.name();
        }
        OptionReplies.acknowledge(out, option);
    }

    private static void unknown(ByteBuf out, int option, String name) {
        OptionReplies.error(out, option, NbdProtocol.REP_ERR_UNKNOWN, noExport(name));
    }

    private static String noExport(String name) {
        return "no export \"" + Printable.name(name) + "\"";
    }

    private Verdict open(int option, String name, NbdExport found) {
        if (!name.equals(contextExport)) {
            contextExport = null;
        }
        openingOption = option;
        export = found;
        state = State.OPENING;
        return Verdict.OPEN;
    }

    /** The export that the client asked for, after {@link Verdict#OPEN}. */
    public NbdExport export() {
        if (export == null) {
            throw new IllegalStateException("no export while " + state);
        }
        return export;
    }

    /**
     * The ring is open: writes the last replies of the handshake; what the client sends from now on are requests.
     *
     * @param sizeBytes size of the disk
     * @param maxPayloadBytes largest payload that the ring takes
     */
    public void opened(long sizeBytes, int maxPayloadBytes, ByteBuf out) {
        NbdExport found = export();
        if (openingOption == NbdProtocol.OPT_GO) {
            int flags = found.transmissionFlags(structuredReplies);
            asked.describe(out, openingOption, found, sizeBytes, flags, maxPayloadBytes);
        } else {
            out.writeLong(sizeBytes);
            out.writeShort(found.transmissionFlags(structuredReplies));
            if (!noZeroes) {
                out.writeZero(124);
            }
        }
        state = State.DONE;
    }

    /** The ring cannot be opened: back to the options, or the end where the protocol has no error. */
    public Verdict refused(String reason, ByteBuf out) {
        if (openingOption != NbdProtocol.OPT_GO) {
            return close("export cannot be opened: " + reason);
        }
        int type =
                shuttingDown.getAsBoolean()
                        ? NbdProtocol.REP_ERR_SHUTDOWN
                        : NbdProtocol.REP_ERR_POLICY;
        OptionReplies.error(out, openingOption, type, reason);
        export = null;
        state = State.OPTIONS;
        return Verdict.MORE;
    }

    /** True when structured replies were negotiated. */
    public boolean structuredReplies() {
        return structuredReplies;
    }

    /** True when the client selected base:allocation for the export that it opened. */
    public boolean allocationContext() {
        return contextExport != null;
    }

    /** Why the verdict was {@link Verdict#CLOSE}; empty when the client asked for it. */
    public String problem() {
        return problem;
    }

    private Verdict close(String why) {
        problem = why;
        state = State.CLOSED;
        return Verdict.CLOSE;
    }
}
