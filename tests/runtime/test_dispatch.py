"""The queue of draws: order, caps, company, withdrawal. Times are arguments."""

from __future__ import annotations

from dataclasses import replace

from tests.runtime.programs import A, B
from ttsc.runtime.dispatch import MAX_GROUP, Attempt, Dispatch

NARROW = replace(A, parallel=2)


def draws(attempts: list[Attempt[str]]) -> list[list[str]]:
    return [[t.draw for t in a.tickets] for a in attempts]


def test_without_a_cap_everything_leaves_in_the_order_of_arrival() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for number in range(5):
        dispatch.submit(f"draw {number}", A, "", 0.0)
    assert draws(dispatch.depart(0.0)) == [["draw 0"], ["draw 1"], ["draw 2"], ["draw 3"], ["draw 4"]]
    assert dispatch.depart(0.0) == []


def test_a_model_s_cap_holds_its_own_requests_back_and_no_others() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for number in range(4):
        dispatch.submit(f"a{number}", NARROW, "", 1.0)
    dispatch.submit("b0", B, "", 1.0)
    leaving = dispatch.depart(1.0)
    assert draws(leaving) == [["a0"], ["a1"], ["b0"]]
    assert dispatch.depart(1.5) == []
    dispatch.arrived(leaving[1])
    [next] = dispatch.depart(3.5)
    assert (draws([next]), next.waited_s) == ([["a2"]], 2.5)
    dispatch.arrived(next)
    dispatch.arrived(leaving[0])
    assert draws(dispatch.depart(4.0)) == [["a3"]]


def test_draws_of_one_group_that_wait_together_travel_together() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for name, group in (("x0", "x"), ("y0", "y"), ("x1", "x"), ("alone", ""), ("also", "")):
        dispatch.submit(name, A, group, 0.0)
    assert draws(dispatch.depart(0.0)) == [["x0", "x1"], ["y0"], ["alone"], ["also"]]
    dispatch.submit("x2", A, "x", 1.0)
    assert draws(dispatch.depart(1.0)) == [["x2"]]


def test_a_request_held_back_takes_on_what_comes_while_it_waits() -> None:
    dispatch: Dispatch[str] = Dispatch()
    model = replace(A, parallel=1)
    dispatch.submit("first", model, "", 0.0)
    [first] = dispatch.depart(0.0)
    dispatch.submit("x0", model, "x", 0.0)
    assert dispatch.depart(0.0) == []
    dispatch.submit("x1", model, "x", 0.0)
    dispatch.arrived(first)
    assert draws(dispatch.depart(1.0)) == [["x0", "x1"]]


def test_a_group_is_no_larger_than_servers_take() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for number in range(MAX_GROUP + 1):
        dispatch.submit(str(number), A, "x", 0.0)
    assert [len(a.tickets) for a in dispatch.depart(0.0)] == [MAX_GROUP, 1]


def test_what_is_withdrawn_never_leaves_and_takes_no_place() -> None:
    dispatch: Dispatch[str] = Dispatch()
    tickets = [dispatch.submit(f"a{n}", NARROW, group, 0.0) for n, group in enumerate(["", "x", "x", "", ""])]
    for number in (0, 1, 3):
        dispatch.withdraw(tickets[number])
    leaving = dispatch.depart(0.0)
    assert draws(leaving) == [["a2"], ["a4"]]
    dispatch.withdraw(tickets[2])
    assert not leaving[0].wanted and leaving[1].wanted
