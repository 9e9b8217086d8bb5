"""Data files of models: found in the folder that is given, then beside the program, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ttsc
from ttsc.runtime.record import RequestSent

PROGRAM = """\
model r = "replay/r1" { data = "set.samples.jsonl" }
model spare = "replay/r2" { data = "nowhere.jsonl" }

pipeline answer(question: text) -> text { question |> generate(r) }
"""


def recorded(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "set.samples.jsonl").write_text(json.dumps({"id": "q", "model": "r1", "text": text}) + "\n", "utf-8")
    (folder / "set.questions.jsonl").write_text(json.dumps({"id": "q", "question": "2 + 2?"}) + "\n", "utf-8")


def program(folder: Path, data: str = "set.samples.jsonl") -> ttsc.Program:
    folder.mkdir(exist_ok=True)
    (folder / "main.tts").write_text(PROGRAM.replace("set.samples.jsonl", data), "utf-8")
    return ttsc.load(folder / "main.tts")


def refused(asked: ttsc.Program) -> str:
    with pytest.raises(ttsc.UsageError) as caught:
        asked.run(question="2 + 2?")
    return str(caught.value)


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TTSC_DATA", raising=False)


def test_a_data_file_is_looked_for_where_it_is_said_then_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own", "variable", "given"):
        recorded(tmp_path / name, name)
    (tmp_path / "empty").mkdir()
    asked = program(tmp_path / "own")
    assert asked.run(question="2 + 2?").answer == "own"
    monkeypatch.setenv("TTSC_DATA", str(tmp_path / "variable"))
    assert asked.run(question="2 + 2?").answer == "variable"
    assert asked.using(data=tmp_path / "given").run(question="2 + 2?").answer == "given"
    assert asked.using(data=tmp_path / "empty").run(question="2 + 2?").answer == "own"


def test_an_imported_model_has_its_data_beside_the_file_that_declares_it(tmp_path: Path) -> None:
    recorded(tmp_path / "models", "theirs")
    program(tmp_path / "models")
    (tmp_path / "main.tts").write_text(
        'import "models/main.tts" as m\npipeline answer(question: text) -> text { question |> generate(m.r) }\n',
        "utf-8",
    )
    assert ttsc.load(tmp_path / "main.tts").run(question="2 + 2?").answer == "theirs"


def test_where_the_data_lie_changes_no_draw(tmp_path: Path) -> None:
    sent = []
    for name in ("one", "two"):
        recorded(tmp_path / name, name)
        run = program(tmp_path / "own").using(data=tmp_path / name).run(question="2 + 2?")
        sent.append([e.content for e in run.record.events if isinstance(e, RequestSent)])
        assert str(tmp_path / name) not in str(run.record)
    assert sent[0] == sent[1] != []


def test_planning_and_checking_look_for_no_data(tmp_path: Path) -> None:
    asked = program(tmp_path / "own").using(data=tmp_path / "nowhere")
    assert asked.check() == ()
    assert asked.plan().bounds.hard.calls == 1


def test_a_missing_file_names_every_place_where_it_was_looked_for(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    asked = program(own)
    end = "say where it is: --data DIR, or TTSC_DATA=DIR"
    start = "model r (replay/r1): `data` names `set.samples.jsonl`, which is not in"
    assert refused(asked) == f"{start} {own} (the folder of its file); {end}"
    assert refused(asked.using(data=other)) == f"{start} {other} (--data) or {own} (the folder of its file); {end}"


@pytest.mark.parametrize(
    "written", ["../out.jsonl", "/out.jsonl", "deep/../../out.jsonl", "link.jsonl", "up/out.jsonl"]
)
def test_a_path_does_not_leave_its_folder(tmp_path: Path, written: str) -> None:
    own = tmp_path / "own"
    asked = program(own, str(tmp_path) + written if written.startswith("/") else written)
    (tmp_path / "out.jsonl").write_text("{}\n", "utf-8")
    (own / "link.jsonl").symlink_to(tmp_path / "out.jsonl")
    (own / "up").symlink_to(tmp_path)
    said = refused(asked)
    assert said.startswith("model r (replay/r1): `data` stays inside a folder of data, and `")
    assert said.endswith(f"leads out of {own} (the folder of its file)")


def test_questions_beside_a_recording_are_not_read_through_a_link(tmp_path: Path) -> None:
    own = tmp_path / "own"
    recorded(own, "own")
    (own / "set.questions.jsonl").rename(tmp_path / "secret.jsonl")
    (own / "set.questions.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (answer,) = program(own).run(question="2 + 2?").answers
    assert answer.failure is not None
    assert answer.failure.faults[0].message.endswith("set.questions.jsonl: is a link that leads out of its folder")


def test_a_recording_without_a_file_is_said_before_the_run(tmp_path: Path) -> None:
    asked = program(tmp_path / "own").using(models={"r": "replay/r9"})
    assert refused(asked) == (
        "model r (replay/r9) replays a recording: declare it with `{ data = \"….samples.jsonl.gz\" }`"
    )


def test_a_simulation_reads_gold_answers_from_its_data(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "gold.jsonl").write_text('{"question": "Who?", "answer": "Ada"}\n', "utf-8")
    (own / "main.tts").write_text(
        'model s = "sim/s" { skill = 1  data = "gold.jsonl" }\n'
        "pipeline answer(question: text) -> text { question |> generate(s) }\n",
        "utf-8",
    )
    assert str(ttsc.load(own / "main.tts").run(question="Who?").answer).endswith("Answer: Ada")
