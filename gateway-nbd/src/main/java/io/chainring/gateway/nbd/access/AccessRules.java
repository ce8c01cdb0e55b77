package io.chainring.gateway.nbd.access;

import java.util.List;

/**
 * Which client may do what with which export. Without rules everybody may do all; with rules a client may do what any of
 * them grants it, and nothing else. No rule takes away what another grants, so their order means nothing.
 */
public final class AccessRules {
    /** Everybody may do all. */
    public static final AccessRules NONE =
            new AccessRules(
                    List.of(
                            new Rule(
                                    List.of(ClientPattern.parse("anybody")),
                                    List.of(new NamePattern("*")),
                                    Grant.READ_WRITE)));

    /**
     * One rule.
     *
     * @param clients whom it means: any of these
     * @param exports what it is about: any of these
     * @param grant what they may do
     */
    record Rule(List<ClientPattern> clients, List<NamePattern> exports, Grant grant) {
        boolean concerns(ClientIdentity client, String export) {
            return clients.stream().anyMatch(each -> each.matches(client))
                    && exports.stream().anyMatch(each -> each.matches(export));
        }
    }

    private final List<Rule> rules;

    AccessRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * What a client may do.
     *
     * @param export its own name, not one of the others under which it may be asked for
     */
    public Grant grant(ClientIdentity client, String export) {
        Grant most = Grant.NONE;
        for (Rule rule : rules) {
            if (rule.grant().compareTo(most) > 0 && rule.concerns(client, export)) {
                most = rule.grant();
            }
        }
        return most;
    }
}
