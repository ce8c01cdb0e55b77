package io.chainring.gateway.nbd.handshake;

import io.chainring.gateway.nbd.handshake.OptionData.MalformedOptionException;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.netty.buffer.ByteBuf;

/**
 * Data of INFO and GO: which export, and what a client wants to know beside what it is always told.
 *
 * @param name of the export
 * @param nameAsked the canonical name, too
 * @param descriptionAsked the description, too
 */
record InfoRequest(String name, boolean nameAsked, boolean descriptionAsked) {

    /** Nothing was asked. */
    static final InfoRequest NOTHING = new InfoRequest("", false, false);

    static InfoRequest read(OptionData data) throws MalformedOptionException {
        String name = data.string("export name");
        int count = data.int16("number of information requests");
        boolean nameAsked = false;
        boolean descriptionAsked = false;
        for (int i = 0; i < count; i++) {
            int asked = data.int16("information request");
            nameAsked |= asked == NbdProtocol.INFO_NAME;
            descriptionAsked |= asked == NbdProtocol.INFO_DESCRIPTION;
        }
        data.end();
        return new InfoRequest(name, nameAsked, descriptionAsked);
    }

    /** Writes the answer, from the export's size to the acknowledgement. */
    void describe(
            ByteBuf out,
            int option,
            NbdExport export,
            long sizeBytes,
            int transmissionFlags,
            int maxPayloadBytes) {
        OptionReplies.infoExport(out, option, sizeBytes, transmissionFlags);
        if (nameAsked) {
            OptionReplies.infoText(out, option, NbdProtocol.INFO_NAME, export.name());
        }
        if (descriptionAsked && !export.description().isEmpty()) {
            OptionReplies.infoText(out, option, NbdProtocol.INFO_DESCRIPTION, export.description());
        }
        OptionReplies.infoBlockSize(out, option, maxPayloadBytes);
        OptionReplies.acknowledge(out, option);
    }
}
