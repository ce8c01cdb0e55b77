#!/usr/bin/env bash
# Lives disks through in a simulation, one for each seed, with the real decisions of everybody in them (docs/simulation.md).
#   checks/simulate.sh [--seeds A..B] [--coverage]      seeds from A to B (1..1000)
#   checks/simulate.sh --seed N [--trace]               one of them; with all that happens
# Exit code 1: a promise was broken; the seed, the commit, how to see it again, and the smallest run that fails so are printed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$checks/simulation/build.sh"

build_simulation
simulate "$(simulation_classes):$(simulation_libraries)" "$@"
