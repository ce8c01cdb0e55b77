#!/usr/bin/env bash
# The long forms of what the test command does in short: hours, not minutes.
# CHAOS_MINUTES (60) is how long chaos takes.
#   checks/soak.sh [simulation] [mutations] [power-loss] [damage] [syncs] [outsiders] [guest] [chaos]      without arguments all of them
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cuts=1000
whole_cuts=30
damages=300
simulated=100000
limit=120m
wanted=${*:-simulation mutations power-loss damage syncs outsiders guest chaos}
status=0
for each in $wanted; do
  case $each in
    simulation) "$checks/simulate.sh" --seeds "1..$simulated" --coverage || status=1 ;;
    mutations) "$checks/mutations.sh" || status=1 ;;
    power-loss)
      maven "$limit" -q -pl base,persistence,actors-host -am test -Djacoco.skip=true -Dchainring.power.cuts=$cuts \
        -Dtest='PowerLossTest,DiskPowerLossTest,FilePowerLossTest' -Dsurefire.failIfNoSpecifiedTests=false \
        -Djunit.jupiter.execution.timeout.default='60 m' || status=1
      for fsync in on off; do
        "$checks/power-loss.sh" --cuts "$whole_cuts" --fsync "$fsync" || status=1
      done
      ;;
    damage)
      maven "$limit" -q -pl persistence -am test -Djacoco.skip=true -Dchainring.damage.rounds=$damages \
        -Djunit.jupiter.execution.timeout.mode=disabled \
        -Dtest=DamageFuzzTest -Dsurefire.failIfNoSpecifiedTests=false || status=1
      ;;
    syncs) "$checks/power-loss.sh" --mutate || status=1 ;;
    outsiders) "$checks/outsiders.sh" --long || status=1 ;;
    guest) "$checks/guest.sh" || status=1 ;;
    chaos) "$checks/chaos.sh" --minutes "${CHAOS_MINUTES:-60}" || status=1 ;;
    *) fail "unknown: $each; see the head of this file" ;;
  esac
done
exit "$status"
