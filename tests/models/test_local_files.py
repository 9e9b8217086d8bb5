"""Local models before anything is loaded, and what memory is let out: no torch needed."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from ttsc.models.catalog import PROVIDERS, Unusable, adapter
from ttsc.models.local import checkpoint
from ttsc.models.local.checkpoint import Checkpoint, examine, find, preflight
from ttsc.models.local.memory import (
    Admission,
    block_rows,
    gib,
    gpu_bound,
    padded,
    places_within,
    ram_bound,
)
from ttsc.models.local.settings import NAMES, Settings, settings_of
from ttsc.values.model import ModelSpec
from ttsc.values.request import DrawKey, Fault, Message, Parameters, Request


def weights(numbers: int = 6) -> bytes:
    tensor = {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}
    header = json.dumps({"__metadata__": {}, "w": tensor})
    return struct.pack("<Q", len(header)) + header.encode() + bytes(4 * numbers)


def folder_of(path: Path, **files: str | bytes | None) -> Path:
    """A complete checkpoint, but for the files that are given otherwise; None leaves one out."""
    complete: dict[str, str | bytes | None] = {
        "config.json": '{"architectures": ["LlamaForCausalLM"]}',
        "tokenizer.json": "{}",
        "model.safetensors": weights(),
    }
    for name, content in {**complete, **files}.items():
        if content is not None:
            (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- settings -----------------------------------------------------------------------------


def local(*options: tuple[str, str | int | float | bool]) -> ModelSpec:
    return ModelSpec("m", "local/org/model", options=options)


def test_settings_are_read_and_the_catalog_knows_their_names() -> None:
    assert settings_of(local()) == Settings("auto", "auto", 256, None)
    precision, place = (("dtype", "bfloat16"), ("device", "cuda:1"))
    given = local(precision, place, ("max_batch", 8), ("cache_gib", 2), ("engine", "transformers"))
    assert settings_of(given) == Settings("bfloat16", "cuda:1", 8, 2.0)
    assert PROVIDERS["local"].options == NAMES


def test_settings_that_only_change_the_pace_are_not_part_of_a_draw() -> None:
    assert local(("max_batch", 8), ("cache_gib", 2)).identity == "local/org/model"
    assert local(("dtype", "float16")).identity == "local/org/model dtype=float16"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("dtype", "int8"), '`dtype` is "auto", "float32", "bfloat16", "float16", not \'int8\''),
        (("device", "tpu"), '`device` is "auto", "cpu", "cuda" or "cuda:NUMBER", not \'tpu\''),
        (("max_batch", 0), "`max_batch` is a whole number from 1 to 4096, not 0"),
        (("max_batch", True), "`max_batch` is a whole number from 1 to 4096, not True"),
        (("cache_gib", -1), "`cache_gib` is a number of GiB above 0, not -1"),
        (("engine", "sglang"), '`engine` is "transformers" or "vllm", not \'sglang\''),
        (("batch", 4), "local/… has no setting `batch`; it has dtype, device, max_batch, cache_gib, engine"),
        (
            ("engine", "vllm"),
            "vLLM is not run inside this process; start `vllm serve org/model` and declare "
            '"hosted_vllm/org/model" with `api_base = "http://localhost:8000/v1"`',
        ),
    ],
)
def test_a_wrong_setting_says_what_is_allowed(option: tuple[str, str | int], message: str) -> None:
    with pytest.raises(Unusable) as caught:
        settings_of(local(option))
    assert str(caught.value) == f"model m: {message}"


# --- folders ------------------------------------------------------------------------------


def test_a_complete_folder_is_known_by_its_architecture(tmp_path: Path) -> None:
    assert examine(folder_of(tmp_path)) == Checkpoint(tmp_path, "writer", 6)
    folder_of(tmp_path, **{"config.json": '{"architectures": ["Qwen2ForSequenceClassification"]}'})
    assert examine(tmp_path).kind == "rater"
    folder_of(tmp_path, **{"config.json": '{"architectures": ["LlamaForTokenClassification"]}'})
    assert examine(tmp_path).kind == "step_rater"


def test_weights_in_several_files_count_together(tmp_path: Path) -> None:
    index = '{"weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "one.safetensors"}}'
    given = {"model.safetensors": None, "model.safetensors.index.json": index, "one.safetensors": weights(5)}
    folder_of(tmp_path, **given)
    assert refused(tmp_path) == "FOLDER is no complete checkpoint: it lacks two.safetensors"
    folder_of(tmp_path, **given, **{"two.safetensors": weights(7)})
    assert examine(tmp_path).weights == 12


def refused(folder: Path) -> str:
    with pytest.raises(Unusable) as caught:
        examine(folder)
    return str(caught.value).replace(str(folder), "FOLDER")


CUT_OFF = "FOLDER/model.safetensors is no safetensors file, or was cut off at its beginning"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"config.json": None, "tokenizer.json": None, "model.safetensors": None},
            "FOLDER is no complete checkpoint: it lacks config.json, a tokenizer (tokenizer.json or tokenizer.model) "
            "and model.safetensors",
        ),
        (
            {"model.safetensors": None, "pytorch_model.bin": b"x"},
            "FOLDER is no complete checkpoint: it lacks model.safetensors; its weights are pickled (.bin), which can "
            "run code when read: save them as safetensors",
        ),
        (
            {"config.json": None, "adapter_config.json": "{}"},
            "FOLDER is no complete checkpoint: it lacks config.json; it is an adapter: merge it into its base model "
            "and save that",
        ),
        ({"model.safetensors": weights()[:-5]}, "FOLDER/model.safetensors is incomplete: it has 109 bytes of 114"),
        ({"model.safetensors": weights()[:20]}, CUT_OFF),
        ({"model.safetensors": b""}, CUT_OFF),
        ({"config.json": "[]"}, "FOLDER/config.json is not a JSON object"),
        ({"config.json": "None"}, "FOLDER/config.json is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ({"model.safetensors.index.json": "{}"}, "FOLDER/model.safetensors.index.json names no weights"),
        (
            {"config.json": '{"architectures": ["T5ForConditionalGeneration"]}'},
            "FOLDER holds a T5ForConditionalGeneration; local/… runs …ForCausalLM, …LMHeadModel, "
            "…ForSequenceClassification, …ForTokenClassification",
        ),
        (
            {"config.json": "{}"},
            "FOLDER holds a model of no stated architecture; local/… runs …ForCausalLM, …LMHeadModel, "
            "…ForSequenceClassification, …ForTokenClassification",
        ),
        (
            {"config.json": '{"architectures": ["LlamaForCausalLM"], "quantization_config": {"quant_method": "awq"}}'},
            "FOLDER is quantized (awq), which local/… does not run; serve it with vLLM and write `hosted_vllm/…`",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_folder_is_said(
    tmp_path: Path, files: dict[str, str | bytes | None], message: str
) -> None:
    assert refused(folder_of(tmp_path, **files)) == message


def test_a_folder_that_is_not_there_and_a_name_that_is_not_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unusable) as caught:
        find("./no/such")
    assert str(caught.value) == f"there is no folder {tmp_path}/no/such"
    monkeypatch.setattr(checkpoint, "_cached", lambda name: None)
    with pytest.raises(Unusable) as caught:
        find("org/model")
    assert str(caught.value) == (
        f"there is no folder {tmp_path}/org/model, and the local cache of Hugging Face has no org/model; "
        "nothing is downloaded by itself: `hf download org/model` does it"
    )
    monkeypatch.setattr(checkpoint, "_cached", lambda name: tmp_path / "cached")
    assert find("org/model") == tmp_path / "cached"
    (tmp_path / "org" / "model").mkdir(parents=True)
    assert find("org/model") == Path("org/model")


def test_a_name_is_looked_up_in_the_cache_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants", reason="huggingface_hub is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(Unusable, match="the local cache of Hugging Face has no org/model"):
        find("org/model")
    snapshot = tmp_path / "models--org--model" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("0" * 40)
    assert find("org/model") == snapshot


def test_without_torch_the_catalog_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModelSpec("m", f"local/{folder_of(tmp_path)}")
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: None)
    with pytest.raises(Unusable) as caught:
        adapter(spec)
    assert str(caught.value) == (f"model m: local/{tmp_path} needs torch and transformers: pip install 'ttsc[local]'")
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: object())
    assert adapter(spec) == "ttsc.models.local.provider:Local"
    (tmp_path / "config.json").unlink()
    with pytest.raises(Unusable) as caught:
        adapter(spec)
    assert str(caught.value) == f"model m: {tmp_path} is no complete checkpoint: it lacks config.json"


# --- memory -------------------------------------------------------------------------------


def test_a_block_is_let_in_while_it_fits_and_what_waits_fits_later() -> None:
    admission = Admission(places=1000, most_rows=64)
    assert (padded(100, 64), admission.reading) == (128, 250)
    # 4 · 128 + 250 ≤ 1000, but 5 rows would be laid out as 8 are: 8 · 128 + 250
    assert admission.room(100, 10) == 4
    admission.admit(100, 4)
    assert admission.room(1, 1) == 0
    admission.release(100)
    assert (admission.rows, admission.room(100, 10), admission.room(200, 10)) == (3, 1, 0)
    for _ in range(3):
        admission.release(100)
    assert (admission.rows, admission.room(200, 10)) == (0, 2)
    assert [admission.least(need) for need in (1, 448, 449)] == [64 + 250, 448 + 448, 512 + 512]
    assert (admission.room(448, 10), admission.room(449, 10)) == (1, 0)


def test_rows_are_counted_too() -> None:
    admission = Admission(places=10**9, most_rows=5)
    assert admission.room(7, 100) == 5
    admission.admit(7, 3)
    assert admission.room(700, 100) == 2


@pytest.mark.parametrize("places", [300, 1000, 5000, 100_000])
@pytest.mark.parametrize("most_rows", [1, 3, 8, 37])
def test_whatever_is_let_in_never_needs_more_than_the_bound(places: int, most_rows: int) -> None:
    admission = Admission(places, most_rows)
    needs = [1 + (17 * k * k) % 500 for k in range(60)]
    inside: list[int] = []
    for need in needs:
        if inside and need % 3 == 0:
            admission.release(inside.pop(0))
        count = admission.room(need, 5)
        admission.admit(need, count)
        inside += [need] * count
        if inside:
            block = block_rows(len(inside), most_rows) * padded(max(inside), 64)
            assert block + max(padded(max(inside), 64), admission.reading) <= places
            assert len(inside) <= most_rows
        assert admission.rows == len(inside)


def test_bytes_become_places() -> None:
    assert places_within(bound=1_000_000, place_bytes=100, layers=4) == 8000
    assert gpu_bound(free=10_000_000_000, most_rows=256, words=100_000) == int(0.8 * (10**10 - 256 * 64 * 10**5))
    assert gpu_bound(free=1000, most_rows=256, words=100_000) == 0
    assert ram_bound() > 0
    assert [gib(n) for n in (2**30, 1.5 * 2**20, 130 * 2**30)] == ["1 GiB", "0.00146 GiB", "130 GiB"]


# --- without a folder at all -------------------------------------------------------------


def test_an_attempt_at_what_cannot_be_run_is_a_fault() -> None:
    import asyncio

    from ttsc.models.local.provider import Local

    async def go(spec: ModelSpec) -> object:
        provider = Local()
        request = Request(spec, (Message("user", "Hi"),), Parameters(10))
        outcome = await provider.attempt(request, (DrawKey(0, request.content(), "0", 0),))
        await provider.close()
        return outcome

    wrong = asyncio.run(go(local(("dtype", "int8"))))
    assert isinstance(wrong, Fault)
    assert (wrong.kind, wrong.message[:20]) == ("bad_request", "model m: `dtype` is ")
    gone = asyncio.run(go(ModelSpec("m", "local//no/such/folder")))
    assert isinstance(gone, Fault)
    assert gone.kind == "not_found"
    assert "there is no folder /no/such/folder" in gone.message or "pip install 'ttsc[local]'" in gone.message


def test_preflight_reads_no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: object())
    small = weights(1000)
    header = small[:-4000].replace(b"[1000]", b"[9000000000]").replace(b"4000]", b"36000000000]")
    header = struct.pack("<Q", len(header) - 8) + header[8:]
    spec = ModelSpec("m", f"local/{folder_of(tmp_path, **{'model.safetensors': header})}")
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.truncate(36 * 10**9 + len(header))  # a hole: takes no space, and no time unless it is read
    preflight(spec)
