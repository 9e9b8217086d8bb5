"""A file that cannot be read as a program is one clear error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ttsc.grammar import Source
from ttsc.grammar.parser import SyntaxProblems
from ttsc.grammar.reading import MAX_BYTES, read


def message(path: Path) -> str:
    with pytest.raises(SyntaxProblems) as caught:
        read(path, "a.tts")
    assert len(caught.value.diagnostics) == 1
    return str(caught.value)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "a.tts"
    path.write_bytes(data)
    return path


def test_a_file_is_read_with_a_byte_order_mark_and_any_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbfmodel m = "\xc3\xbc"\r\nmodel n = "x"\n')
    assert read(path, "a.tts") == Source("a.tts", 'model m = "ü"\nmodel n = "x"\n')


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    assert message(written(tmp_path, data)) == (
        "error[E104]: a.tts cannot be read: empty\n"
        " --> a.tts:1:1\n"
        "  |\n"
        "1 |\n"
        "  | ^\n"
        "  = help: a program begins with a `pipeline`"
    )


def test_a_binary_file(tmp_path: Path) -> None:
    assert message(written(tmp_path, b"\x7fELF\x00\xff" * 100)) == (
        "error[E102]: a.tts cannot be read: binary, not text\n"
        " --> a.tts:1:1\n"
        "  |\n"
        "1 |\n"
        "  | ^\n"
        "  = help: byte 4 is zero; name a `.tts` file"
    )


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    assert message(written(tmp_path, b'# \xc3\xbc\r\nmodel m = "caf\xe9"\n')) == (
        "error[E101]: a.tts is not UTF-8\n"
        " --> a.tts:2:15\n"
        "  |\n"
        '2 | model m = "caf\ufffd"\n'
        "  |               ^ byte 20, 0xE9, on line 2\n"
        "  = help: save the file as UTF-8"
    )


def test_a_file_of_one_megabyte_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, b"#" * MAX_BYTES), "a.tts").text) == MAX_BYTES
    assert message(written(tmp_path, b"#" * MAX_BYTES + b"#")) == (
        "error[E103]: a.tts cannot be read: larger than 1 MB\n"
        " --> a.tts:1:1\n"
        "  |\n"
        "1 |\n"
        "  | ^\n"
        "  = help: split it, and import the parts"
    )


def test_what_is_no_file(tmp_path: Path) -> None:
    assert message(tmp_path / "b.tts").startswith("error[E100]: a.tts cannot be read: No such file or directory\n")
    assert message(tmp_path).startswith("error[E100]: a.tts cannot be read: not a file\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.tts")
    assert message(tmp_path / "a.tts").startswith("error[E100]: a.tts cannot be read: not a file\n")
