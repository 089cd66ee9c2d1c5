"""Does the operators' guide tell each fault that is tried, and is each fault that it tells tried?"""

from pathlib import Path
from re import findall

import pytest

GUIDE = Path("docs/exploitation.md")
TRIED = {
    "un passage tué en route": "test_a_decision_killed_at_any_point_is_taken_up_by_the_next_pass",
    "un envoi tué en route": "test_a_delivery_killed_at_any_point_loses_no_letter_and_leaves_no_lease",
    "plusieurs exécutants à la fois": "test_several_workers_at_once_decide_and_send_what_one_would",
    "PostgreSQL arrêté net": "test_a_postgresql_stopped_in_the_middle_of_a_transaction_costs_one_pass_and_nothing_else",
    "disque de la base plein": "test_a_full_disk_under_sqlite_writes_nothing_of_a_pass_and_the_next_one_writes_it_all",
    "disque des lettres plein": "test_a_full_disk_under_the_letters_keeps_them_waiting",
    "base SQLite tenue par un autre": "test_a_sqlite_held_by_another_writer_costs_one_pass_and_nothing_else",
    "horloges en désaccord": "test_passes_of_two_clocks_that_disagree_decide_once_whichever_comes_first",
    "changement d’heure": "test_when_the_hour_changes_everybody_is_still_written_to_at_nine",
    "API de Prefect perdue": "test_a_pass_whose_prefect_server_is_killed_under_it_is_put_right_by_the_next_one",
}


def test_the_guide_tells_the_faults_that_are_tried_and_no_other() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("## Ce qui se passe à chaque panne")[2].partition("\n## ")[0]
    assert [fault for fault in findall(r"(?m)^\| ([^|]+) \|", section) if fault != "panne"] == list(TRIED)


@pytest.mark.parametrize("fault", TRIED)
def test_each_fault_of_the_guide_is_tried(fault: str) -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").glob("test_faults_*.py"))
    assert f"\ndef {TRIED[fault]}(" in tests
