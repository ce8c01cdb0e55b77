package io.chainring.gateway.nbd.handshake;

import io.chainring.gateway.nbd.handshake.OptionData.MalformedOptionException;
import io.chainring.gateway.nbd.protocol.NbdProtocol;

/**
 * Data of LIST_META_CONTEXT and SET_META_CONTEXT.
 *
 * @param name of the export
 * @param allocation whether the queries lead to base:allocation
 */
record ContextQueries(String name, boolean allocation) {

    /**
     * A query that leads to nothing is passed over, also one without a namespace.
     *
     * @param set true to select, where a query must name a context; false to list, where a namespace stands for all
     *     that is in it, and no query for everything
     */
    static ContextQueries read(OptionData data, boolean set) throws MalformedOptionException {
        String name = data.string("export name");
        int count = data.int32("number of queries");
        boolean found = !set && count == 0;
        // A count that is too large, or negative, runs out of data.
        for (int i = 0; i != count; i++) {
            String query = data.string("query");
            found |= query.equals(NbdProtocol.BASE_ALLOCATION) || (!set && query.equals("base:"));
        }
        data.end();
        return new ContextQueries(name, found);
    }
}
