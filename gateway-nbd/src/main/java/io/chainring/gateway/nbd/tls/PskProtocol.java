package io.chainring.gateway.nbd.tls;

import java.io.IOException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerProtocol;

/** Of bytes to bytes; waits for nothing. */
final class PskProtocol extends TlsServerProtocol {
    /** As with certificates: it would be computed on the disk's loop, and each refusal be an answer that waits to be read. */
    @Override
    protected boolean handleRenegotiation() throws IOException {
        throw new TlsFatalAlert(AlertDescription.handshake_failure, "renegotiation");
    }
}
