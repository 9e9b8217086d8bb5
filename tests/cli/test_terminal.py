"""What a model wrote never reaches a terminal with its control characters."""

from __future__ import annotations

import pytest

from ttsc.cli import terminal


@pytest.mark.parametrize(
    ("hostile", "tamed"),
    [
        ("plain\n\ttext é", "plain\n\ttext é"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]never closed", ""),
        ("\x1bcreset", "reset"),
        ("over\rwrite\x08", "overwrite"),
        ("\x9b31mC1", "31mC1"),
        ("a\x1b", "a"),
    ],
)
def test_escapes_are_stripped(hostile: str, tamed: str) -> None:
    assert terminal.tame(hostile) == tamed


@pytest.mark.parametrize(("terminal_there", "printed"), [(True, "18\n"), (False, "\x1b[1m18\x1b[0m\n")])
def test_only_a_terminal_gets_tamed_text(
    terminal_there: bool, printed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal_there)
    terminal.show("\x1b[1m18\x1b[0m")
    assert capsys.readouterr().out == printed
