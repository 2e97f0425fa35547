"""Computed storms, from the real policy code."""

from dataclasses import replace
from functools import cache

import pytest

from collab.storm.policy import Waits, waits
from collab.storm.simulation import Curves, Fleet, Simulation

# Connections cost nothing and everything is back at once: what is left is the policy.
BARE = Fleet(
    10_000, instances=1, with_slots=False, with_admission=False, capacity=1e9, warmup_seconds=0, boot_seconds=0
)
SEED = 5
drawn = cache(waits)


def storm(fleet: Fleet, event: str, policy: str = "tuned") -> Curves:
    return Simulation(fleet, drawn(policy, fleet.clients, SEED), SEED).run(event)


def peak(curves: Curves) -> int:
    return max(curves.attempts.values())


def test_b2_after_an_instant_restart_half_of_all_stock_clients_come_within_one_second() -> None:
    curves = storm(BARE, "restart", "default")
    assert 4_800 <= peak(curves) <= 5_300
    assert 1.4 <= curves.all_back <= 1.5
    assert len(curves.away) == 10_000


def test_b2_slots_spread_the_same_crowd_over_the_whole_time() -> None:
    fleet = replace(BARE, clients=20_000, instances=2, with_slots=True, drain_seconds=30)
    curves = storm(fleet, "drain")
    assert peak(curves) <= 1.1 * 10_000 / 30
    assert 29 <= curves.all_back <= 30
    assert max(curves.away) < 0.1, "they leave and are back: nobody waits"


def test_stock_clients_know_no_slots_and_are_closed_at_the_end() -> None:
    fleet = replace(BARE, clients=20_000, instances=2, with_slots=True, drain_seconds=30)
    curves = storm(fleet, "drain", "default")
    assert min(curves.attempts) >= 30
    assert min(curves.away) >= 0.5


def test_jitter_that_stays_jitter_is_what_the_waits_of_both_policies_differ_in() -> None:
    for policy, low, high in (("default", 5.0, 5.0), ("tuned", 10.0, 30.0)):
        table = drawn(policy, 1_000, SEED)
        late = [table.delay(client, 15) for client in range(1_000)]
        assert low <= min(late) <= max(late) <= high
        spread = len({round(wait, 3) for wait in late})
        assert (spread < 500) == (policy == "default"), "stock waits are mostly the cap itself"


@pytest.mark.parametrize("policy", ["default", "tuned"])
def test_beyond_the_table_a_client_goes_on_with_waits_at_the_cap(policy: str) -> None:
    table = drawn(policy, 10, SEED)
    assert table.delay(3, table.attempts) == table.delay(3, table.attempts // 2)
    assert table.delay(3, 10_000) >= 2.5


def test_a_named_wait_is_kept_and_never_undercut_by_those_who_obey() -> None:
    tuned, stock = drawn("tuned", 10, SEED), drawn("default", 10, SEED)
    assert all(4.0 <= tuned.refused(client, 0, 4.0) <= 4.8 for client in range(10))
    assert tuned.refused(0, 0, 0.0) >= tuned.shortest_slot
    assert tuned.refused(0, 0, 1e9) <= 1.2 * tuned.longest_slot
    assert stock.refused(0, 0, 4.0) == stock.again == 1.0
    assert (tuned.stable, stock.stable) == (60.0, 0.0)
    assert (tuned.timeout, stock.timeout) == (15.0, 20.0)


def test_an_instance_that_is_overrun_lets_in_what_it_can_carry() -> None:
    """Without admission it works for people who have stopped waiting; with it nobody's attempt is in vain."""
    small = Fleet(20_000, instances=2, capacity=300, connects_per_second=200, with_slots=False)
    overrun, kept = (storm(replace(small, with_admission=one), "kill") for one in (False, True))
    assert overrun.given_up > 1_000
    assert kept.given_up == 0
    assert kept.refused > 0
    assert kept.stuck == overrun.stuck == 0


def test_a_rolling_restart_moves_everybody_and_leaves_nobody_behind() -> None:
    fleet = Fleet(3_000, instances=3, drain_seconds=20, drain_per_second=100)
    curves = storm(fleet, "restart")
    assert curves.stuck == 0
    assert curves.failed == 0
    assert len(curves.away) >= 3_000
    assert max(curves.away) < 1
    assert peak(curves) <= 1.5 * 3_000 / 20
    assert sum(curves.back.values()) == len(curves.away)


def test_the_only_instance_of_all_is_waited_for() -> None:
    curves = storm(replace(BARE, with_slots=True, boot_seconds=10), "restart")
    assert curves.stuck == 0
    assert curves.failed > 0
    assert curves.all_back > 10


def test_a_drained_instance_stays_away_and_takes_nobody_along() -> None:
    curves = storm(Fleet(1_000, instances=2), "drain")
    assert len(curves.away) == 500
    assert curves.stuck == 0
    last = storm(Fleet(100, instances=1), "drain")
    assert last.stuck == 100, "there is nobody to go to"


def test_the_same_seed_gives_the_same_storm() -> None:
    fleet = Fleet(2_000, instances=4, with_slots=False)
    assert storm(fleet, "restart") == storm(fleet, "restart")
    other = Simulation(fleet, drawn("tuned", 2_000, SEED + 1), SEED + 1).run("restart")
    assert other.attempts != storm(fleet, "restart").attempts


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Fleet(0)
    with pytest.raises(ValueError, match="an event is one of kill, drain, restart"):
        storm(BARE, "flood")
    with pytest.raises(ValueError, match="a policy is one of"):
        waits("eager", 1, 1)


def test_all_clients_draw_their_own_waits() -> None:
    table: Waits = drawn("tuned", 1_000, SEED)
    first = [table.delay(client, 0) for client in range(1_000)]
    assert 0.5 <= min(first) < 0.52
    assert 1.48 < max(first) <= 1.5
