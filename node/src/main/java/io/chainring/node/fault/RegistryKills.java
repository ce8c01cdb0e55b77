package io.chainring.node.fault;

import io.chainring.base.fault.FaultPoints;
import io.chainring.registry.RegistryKilledException;
import io.chainring.registry.RegistryPoint;
import java.util.function.Consumer;

/**
 * How the registry dies.
 *
 * @param points at its points
 * @param now wherever it is
 */
public record RegistryKills(
        FaultPoints<RegistryPoint, RegistryKilledException> points,
        Consumer<RegistryKilledException> now) {}
