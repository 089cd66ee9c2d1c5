"""Is the whole example campaign played to its end in under three minutes, and is every letter and state the right one?

Not part of `make test`, for its length: `pytest tests/rehearsal_of_46.py`.
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from deployments.example_campaigns import EXAMPLE
from tests.test_whole_life import check, play

LONGEST = 180  # seconds, on two cores


@pytest.mark.usefixtures("home_with_prefect")
def test_forty_six_lives_are_lived_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    out = play(EXAMPLE / "tables", tmp_path / "out", monkeypatch)
    lasted = time.monotonic() - began
    journal, status = check(out, EXAMPLE / "tables")
    assert len(journal) > 3_000
    assert Counter(each["state"] for each in status["territories"]) == {
        "ended": 29, "renewed": 2, "labelled": 4, "action_plan_received": 2, "refused": 2, "deferred": 1,
        "withdrawn": 1, "in_preparation": 4, "invited": 1,
    }  # fmt: skip
    assert lasted < LONGEST, f"{lasted:.0f} s, and {LONGEST} at most"
