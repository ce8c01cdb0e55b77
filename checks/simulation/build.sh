# shellcheck shell=bash
# Builds and runs the simulation; sourced by ../simulate.sh and ../mutations.sh.

build_limit=20m
JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
export JAVA_HOME

# Compiles what the simulation stands on, and notes its libraries.
build_simulation() {
  maven "$build_limit" -q -pl simulation -am -Dmaven.test.skip=true -Djacoco.skip=true -Dspotless.check.skip=true \
    compile dependency:build-classpath -Dmdep.outputFile=target/libraries.txt -Dmdep.includeScope=runtime
}

# Folders of compiled classes of ours, as a class path.
simulation_classes() {
  local module path=
  for module in base actors-ring actors-host gateway-nbd chaos simulation; do
    path=$path:$root/$module/target/classes
  done
  printf '%s' "${path#:}"
}

# Jars of others, as a class path.
simulation_libraries() {
  tr ':' '\n' <"$root/simulation/target/libraries.txt" | grep '\.jar$' | grep -v '/chainring-[a-z-]*\.jar$' | paste -sd:
}

# Runs the simulation with class path $1 and the other arguments.
simulate() {
  simulate_within 0 "$@"
}

# The same for at most $1 seconds; 0 for ever.
simulate_within() {
  local limit=$1 path=$2
  shift 2
  timeout --foreground --kill-after=10 "$limit" "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseSerialGC -Dslf4j.internal.verbosity=ERROR \
    -Dchainring.commit="$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)" \
    -cp "$path" io.chainring.simulation.Simulate "$@"
}
