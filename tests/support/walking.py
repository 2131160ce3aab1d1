"""Walks of a state machine: each run the same, unless somebody asks for others.

`WALKS=300 make test ARGS="-k walked"` looks for what nobody has thought of yet.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

FEW, STEPS = 6, 25


def walked(machine: type[RuleBasedStateMachine], **known: Any) -> None:
    """Walk a machine, which finds `known` as its attributes; fails with the shortest walk."""
    wanted = os.environ.get("WALKS", "")
    how = settings(
        max_examples=int(wanted or FEW),
        stateful_step_count=STEPS,
        derandomize=not wanted,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type(machine.__name__, (machine,), known), settings=how)
