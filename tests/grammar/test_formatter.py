"""Formatting keeps the tree and the comments, and formatting twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grammar.trees import expressions, files
from ttsc.grammar import Source, format_file, parse, tree
from ttsc.grammar.lexer import lex
from ttsc.grammar.tables import tables

patient = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def formatted(text: str) -> str:
    return format_file(parse(Source("a.tts", text)))


@patient
@given(files())
def test_a_tree_is_read_back_from_its_text(file: tree.File) -> None:
    text = format_file(file)
    again = parse(Source("a.tts", text))
    assert again == file
    assert format_file(again) == text


@patient
@given(files(high=2), st.data())
def test_comments_survive_wherever_they_stand(file: tree.File, data: st.DataObject) -> None:
    text = format_file(file)
    tokens = lex(Source("a.tts", text), tables()).tokens
    places = [t.start for before, t in zip([None, *tokens], tokens, strict=False) if not before or before.kind != "LABEL"]
    pieces, start = [], 0
    for number, place in enumerate(sorted(data.draw(st.lists(st.sampled_from(places), max_size=6)))):
        before = data.draw(st.sampled_from([" ", "\n", "\n\n"]))
        pieces += [text[start:place], f"{before}# comment {number}{data.draw(st.sampled_from([chr(10), 2 * chr(10)]))}"]
        start = place
    commented = parse(Source("a.tts", "".join([*pieces, text[start:]])))
    assert commented == tree.File(commented.source, file.declarations, commented.comments)
    once = format_file(commented)
    again = parse(Source("a.tts", once))
    assert again == commented
    assert format_file(again) == once
