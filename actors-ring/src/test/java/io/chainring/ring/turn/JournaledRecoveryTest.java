package io.chainring.ring.turn;

import io.chainring.ring.record.RecoveryArrays;

class JournaledRecoveryTest extends RecoveryArraysContract {
    @Override
    RecoveryArrays keep(RecoveryArrays journaled) {
        return journaled;
    }
}
