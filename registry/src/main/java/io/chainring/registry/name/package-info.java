/**
 * The names of disks: device name and its scheme, drive letter value, drive letter identifier.
 * What lives here: values that read, check and print themselves.
 * What may not come in: who holds which name, requests, actors.
 */
@NullMarked
package io.chainring.registry.name;

import org.jspecify.annotations.NullMarked;
