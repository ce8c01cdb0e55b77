package io.chainring.node.service;

import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryRequest;

/**
 * What {@link DiskLifeCore} has done. None of it calls back before it returns; where an outcome is named, exactly one comes
 * as a {@link DiskLifeInput}.
 */
interface DiskLifeEffects {
    /** Asks the registry until it answers: Accepted or Refused, and before it Unanswered when that takes long. */
    void ask(RegistryRequest request);

    /** Opens the disk's image: Opened or Failed. @param sizeBytes that it shall have; 0: as it is */
    void open(RegisteredDisk disk, long sizeBytes);

    /** Starts the disk's actors over the open image: Serves or Failed, unless it is stopped before. */
    void start(RegisteredDisk disk);

    /** Lets clients find it, or not. */
    void show(boolean toClients);

    /** Clients that are connected. */
    int clients();

    /** Chains begun and not completed. */
    int inFlight();

    /** Closes the clients' connections. */
    void disconnect();

    /** Makes image and backend larger: Grown or Failed. */
    void grow(long sizeBytes);

    /** Ends whatever runs, however far it has come, and closes the image: Ended. */
    void stop();

    /** Removes all that its journal knows of a disk of which nothing runs: Erased. */
    void erase(RegisteredDisk disk);

    /** Overdue, when the answer takes too long. */
    void hurry(long ticket);

    /** A command was carried out; the disk as it is now. */
    void answer(long ticket, RegisteredDisk disk);

    /** A command was not carried out, or not well: one line. */
    void refuse(long ticket, String why);
}
