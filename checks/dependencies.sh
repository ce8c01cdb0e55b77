#!/usr/bin/env bash
# Libraries: whether one has a published vulnerability, and which have newer versions.
#   (no argument)   fails when a library, also one that another library brings, is of a version on the list of known-bad
#                   ones. The list stands in the parent pom (bannedDependencies); every build holds it.
#   --updates       lists newer versions of what the parent pom names
#   --update        writes the newest ones of the same major version into the parent pom
set -euo pipefail
. "$(dirname "$0")/lib.sh"

JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
export JAVA_HOME
versions=org.codehaus.mojo:versions-maven-plugin:2.19.1
ignored='-Dmaven.version.ignore=.*-(alpha|beta|rc|RC|M|Alpha|Beta|CR)[-.0-9]*.*,.*[.](Alpha|Beta|CR|RC)[0-9]*'

case "${1:-}" in
  "")
    maven 10m -q validate
    echo "dependencies: none of a known-bad version"
    ;;
  --updates) maven 10m -N "$versions:display-property-updates" "$ignored" ;;
  --update) maven 10m -N "$versions:update-properties" -DallowMajorUpdates=false -DgenerateBackupPoms=false "$ignored" ;;
  *) fail "unknown argument '$1' (there are --updates and --update)" ;;
esac
