package io.chainring.registry.rules;

/** The answer to a {@link RegistryRequest}; journaled before it is given, so that it can be given again. */
public sealed interface RegistryAnswer {

    /** Done, or it was so already. @param disk as it stood when this was decided */
    record Accepted(RegisteredDisk disk) implements RegistryAnswer {}

    /** Not done. */
    record Refused(Refusal reason) implements RegistryAnswer {}
}
