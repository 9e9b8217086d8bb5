"""Local models write: what transformers alone would write, whoever else is being written beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from tests.models.conformance import Conformance, answered, keys, request_to
from tests.models.local_checkpoints import CHAT, save, save_tokenizer
from ttsc.models.local.memory import Admission, padded
from ttsc.models.local.provider import Local
from ttsc.models.local.settings import Settings
from ttsc.models.local.work import Done, Job, Result
from ttsc.models.tiny.engine import Ticket
from ttsc.models.tiny.provider import Tiny
from ttsc.models.tiny.sampling import seed
from ttsc.values.model import ModelSpec
from ttsc.values.request import Answered, Fault, Message, Outcome, Parameters, Request

torch = pytest.importorskip("torch", reason="ttsc[local] is not installed: no torch")
transformers = pytest.importorskip("transformers", reason="ttsc[local] is not installed: no transformers")

from ttsc.models.local import loading  # noqa: E402
from ttsc.models.local.writing import Writers  # noqa: E402

TINY = Path(str(files("ttsc.models.tiny").joinpath("weights")))
PROMPTS = [f"{'A longer story. ' * (k % 7)}Number {k} {'!' * k}" for k in range(32)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("chat"), template=CHAT)


def spec_of(folder: Path, **options: str | int | float) -> ModelSpec:
    return ModelSpec("m", f"local/{folder}", options=(("device", "cpu"), *options.items()))


def done(work: Callable[[Local], Awaitable[Sequence[Outcome]]]) -> list[Outcome]:
    async def go() -> list[Outcome]:
        provider = Local()
        try:
            return list(await work(provider))
        finally:
            await provider.close()

    return asyncio.run(go())


def ask(*requests: Request, count: int = 1) -> list[Outcome]:
    """All at the same time."""
    return done(lambda provider: asyncio.gather(*(provider.attempt(r, keys(r, count)) for r in requests)))


def said(outcome: Outcome) -> str:
    (reply,) = answered(outcome).replies
    return reply.text


def generated(folder: Path, text: str, most: int) -> str:
    """What transformers writes by itself."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    read = tokenizer(text, return_tensors="pt")
    written = model.generate(**read, max_new_tokens=most, do_sample=False, pad_token_id=1)
    (ids,) = written[:, read["input_ids"].shape[1] :]
    reply: str = tokenizer.decode(ids, skip_special_tokens=True)
    return reply


def greedy(spec: ModelSpec, prompts: Sequence[str] = PROMPTS) -> list[Request]:
    return [request_to(spec, text, temperature=0.0, max_tokens=8 + 3 * k) for k, text in enumerate(prompts)]


class TestConformance(Conformance):
    @pytest.fixture(autouse=True)
    def _at(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[Local, ModelSpec]]:
        provider = Local()
        yield provider, replace(spec_of(self.folder), max_tokens=40)
        await provider.close()

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[Local, ModelSpec]]:
        yield Local(), spec_of(self.folder / "none")


# --- the same text ------------------------------------------------------------------------


def test_greedy_text_is_that_of_transformers_alone_and_among_32_of_mixed_lengths(folder: Path) -> None:
    requests = greedy(spec_of(folder))
    expected = [generated(folder, f"{r.messages[0].content}\n\n", r.parameters.max_tokens) for r in requests]
    assert [said(outcome) for outcome in ask(*requests)] == expected
    assert [said(ask(request)[0]) for request in requests[:3]] == expected[:3]
    assert len(set(expected)) == 32


FAMILIES: list[tuple[str, dict[str, int]]] = [
    ("Qwen2ForCausalLM", {}),
    ("Qwen3ForCausalLM", {"head_dim": 16}),
    ("MistralForCausalLM", {"sliding_window": 16}),
    ("Gemma2ForCausalLM", {"head_dim": 16, "sliding_window": 16}),
    ("Gemma3ForCausalLM", {"head_dim": 16, "sliding_window": 16}),
    ("Phi3ForCausalLM", {}),
    ("GPTNeoXForCausalLM", {}),
    ("GPT2LMHeadModel", {"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 400}),
    ("OPTForCausalLM", {"ffn_dim": 96, "word_embed_proj_dim": 64}),
    ("MixtralForCausalLM", {"num_local_experts": 4}),
]


@pytest.mark.parametrize(("architecture", "changes"), FAMILIES, ids=[name for name, _ in FAMILIES])
def test_so_it_is_for_every_family(tmp_path: Path, architecture: str, changes: dict[str, int]) -> None:
    save(tmp_path, architecture, None, **changes)
    requests = greedy(spec_of(tmp_path), PROMPTS[:8])
    expected = [generated(tmp_path, f"{r.messages[0].content}\n\n", r.parameters.max_tokens) for r in requests]
    assert [said(outcome) for outcome in ask(*requests)] == expected


def test_a_prompt_that_is_read_in_pieces_is_the_same_prompt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_to(spec_of(folder), "Once more. " * 20, temperature=0.0, max_tokens=30)
    whole = said(ask(request)[0])
    monkeypatch.setattr("ttsc.models.local.network.READING", 50)
    assert said(ask(request)[0]) == whole


def test_the_tiny_models_files_say_the_same_as_the_tiny_models() -> None:
    async def go() -> tuple[Outcome, Outcome]:
        tiny, local = Tiny(), Local()
        small, same = ModelSpec("s", "tiny/s"), spec_of(TINY / "s")
        one, other = (request_to(spec, "Compute (17 + 4) * 3 - 5.", temperature=0.0) for spec in (small, same))
        outcomes = await tiny.attempt(one, keys(one, 1)), await local.attempt(other, keys(other, 1))
        await tiny.close()
        await local.close()
        return outcomes

    one, other = asyncio.run(go())
    assert said(one) == said(other)
    assert said(one).endswith(".")
    assert answered(one).usage.input_tokens == answered(other).usage.input_tokens


# --- draws --------------------------------------------------------------------------------


def test_a_sample_is_its_keys_whoever_is_beside_it(folder: Path) -> None:
    spec = spec_of(folder)
    request = request_to(spec, "Say something.", temperature=1.0, max_tokens=60)
    request = replace(request, parameters=replace(request.parameters, top_p=0.9))
    (together,) = ask(request, count=24)
    texts = [reply.text for reply in answered(together).replies]
    assert len(set(texts)) == 24

    async def apart(provider: Local) -> list[Outcome]:
        crowd = [provider.attempt(r, keys(r, 2)) for r in greedy(spec)]
        mine = [provider.attempt(request, (key,)) for key in keys(request, 24)]
        return (await asyncio.gather(*mine, *crowd))[:24]

    assert [said(outcome) for outcome in done(apart)] == texts
    (narrow,) = ask(replace(request, model=spec_of(folder, max_batch=3)), count=5)
    assert request.content() == replace(request, model=spec_of(folder, max_batch=3)).content()
    assert [reply.text for reply in answered(narrow).replies] == texts[:5]


def test_usage_counts_a_shared_prompt_once(folder: Path) -> None:
    request = request_to(spec_of(folder), "abc", max_tokens=5)
    usage = answered(ask(request, count=4)[0]).usage
    assert (usage.input_tokens, usage.estimated) == (len("abc\n\n"), False)
    assert 4 <= usage.output_tokens <= 20


def test_tokens_are_drawn_in_proportion() -> None:
    from ttsc.models.local.sampling import choose

    shares = [0.5, 0.3, 0.15, 0.05]
    logits = torch.log(torch.tensor([shares]))

    def drawn(temperature: float = 1.0, top_p: float = 1.0, count: int = 20_000) -> list[float]:
        rows = logits.repeat(count, 1)
        seeds = [seed(f"draw {k}") for k in range(count)]
        tokens = choose(rows, [temperature] * count, [top_p] * count, seeds, [7] * count)
        return [tokens.count(token) / count for token in range(4)]

    assert drawn() == pytest.approx(shares, abs=0.015)  # four standard deviations
    squares = [share**2 for share in shares]
    assert drawn(temperature=0.5) == pytest.approx([s / sum(squares) for s in squares], abs=0.015)
    assert drawn(top_p=0.7) == pytest.approx([5 / 8, 3 / 8, 0, 0], abs=0.015)
    assert drawn(top_p=0.0) == drawn(temperature=0.0, count=10) == [1, 0, 0, 0]


def test_a_token_depends_on_its_own_row_seed_and_place() -> None:
    from ttsc.models.local.sampling import choose

    torch.manual_seed(3)
    logits = torch.randn(4, 1000)
    seeds, settings = [1, 2, 2**64 - 1, 1], [1.0, 0.0, 0.8, 1.0]
    together = choose(logits, settings, [1.0, 1.0, 0.9, 1.0], seeds, [0, 5, 9, 0])
    alone = [
        choose(logits[k : k + 1], [settings[k]], [(1.0, 1.0, 0.9, 1.0)[k]], [seeds[k]], [(0, 5, 9, 0)[k]])[0]
        for k in range(4)
    ]
    assert together == alone
    assert len({choose(logits[:1], [1.0], [1.0], [1], [place])[0] for place in range(20)}) > 15


def test_rounding_seldom_changes_a_token() -> None:
    from ttsc.models.local.sampling import choose

    torch.manual_seed(3)
    logits = torch.randn(1, 4000).repeat(2000, 1)
    seeds, ones, places = [seed(f"{k}") for k in range(2000)], [1.0] * 2000, [0] * 2000
    noisy = logits + 1e-3 * torch.randn_like(logits)
    first, second = choose(logits, ones, ones, seeds, places), choose(noisy, ones, ones, seeds, places)
    assert sum(a != b for a, b in zip(first, second, strict=True)) <= 8  # distance 0.0004; twice that is 1.6 of 2000


# --- where a reply ends -------------------------------------------------------------------


def test_it_ends_at_a_stop_text_which_is_not_part_of_it(folder: Path) -> None:
    request = request_to(spec_of(folder), "Stop?", temperature=0.0, max_tokens=60)
    whole = said(ask(request)[0])
    later, sooner = whole[30:34], whole[10:13]
    stopped = replace(request, parameters=replace(request.parameters, stop=(later, sooner, "never said")))
    (outcome,) = ask(stopped)
    (reply,) = answered(outcome).replies
    assert (reply.text, reply.finish) == (whole[: whole.index(sooner)], "stop")
    assert answered(outcome).usage.output_tokens < 30


def test_it_ends_at_the_limit_and_at_the_end_of_the_context(folder: Path) -> None:
    cut, full = ask(
        request_to(spec_of(folder), "Go on.", temperature=0.0, max_tokens=7),
        request_to(spec_of(folder), "x" * 390, temperature=0.0, max_tokens=100),
    )
    assert (answered(cut).replies[0].finish, answered(cut).usage.output_tokens) == ("length", 7)
    assert (answered(full).replies[0].finish, answered(full).usage.output_tokens) == ("length", 400 - 392)


def test_it_ends_by_itself(tmp_path: Path) -> None:
    save(tmp_path, eos_token_id=list(range(1, 258)))  # whatever it says is the end
    (outcome,) = ask(request_to(spec_of(tmp_path), "Well?", temperature=0.0))
    reply = answered(outcome).replies[0]
    assert (reply.text, reply.finish, answered(outcome).usage.output_tokens) == ("", "stop", 1)


def test_a_prompt_that_fills_the_context_is_refused(folder: Path) -> None:
    (outcome,) = ask(request_to(spec_of(folder), "x" * 398))
    assert outcome == Fault("context_length", "model m: 400 tokens fill its context of 400")


# --- conversations ------------------------------------------------------------------------


def test_the_chat_template_is_used_and_a_begun_turn_continued(chat: Path) -> None:
    spec = spec_of(chat)
    conversation = (Message("user", " One? "), Message("assistant", "1"), Message("user", "Two?"))
    begun = Message("assistant", "It is\n\n")
    parameters = Parameters(20, 0.0)
    fresh, continued = ask(Request(spec, conversation, parameters), Request(spec, (*conversation, begun), parameters))
    prompt = "<user>One?<assistant>1<user>Two?<assistant>"
    assert said(fresh) == generated(chat, prompt, 20)
    assert said(continued) == generated(chat, f"{prompt}It is\n\n", 20)
    assert answered(continued).usage.input_tokens == len(f"{prompt}It is\n\n")


def test_what_was_said_and_continued_is_what_would_have_been_said_at_once(chat: Path) -> None:
    user = Message("user", "Tell me.")
    spec = spec_of(chat)
    (whole,) = ask(Request(spec, (user,), Parameters(40, 0.0)))
    (half,) = ask(Request(spec, (user,), Parameters(15, 0.0)))
    (rest,) = ask(Request(spec, (user, Message("assistant", said(half))), Parameters(25, 0.0)))
    if said(half).isascii():  # a cut through a letter of several bytes is lost
        assert said(half) + said(rest) == said(whole)


def test_a_conversation_that_the_template_refuses_is_a_fault(chat: Path) -> None:
    request = Request(spec_of(chat), (Message("system", "Be brief."), Message("user", "Hi")), Parameters(5))
    assert ask(request) == [Fault("bad_request", "model m: its chat template refuses the conversation: no system role")]


def test_half_a_letter_and_no_letter_are_no_crash(folder: Path) -> None:
    spec = spec_of(folder)
    half, empty = ask(
        request_to(spec, "\ud800", max_tokens=3), Request(spec, (Message("assistant", ""),), Parameters(3))
    )
    assert len(answered(half).replies) == 1
    assert empty == Fault("bad_request", "model m: the prompt is empty")


# --- memory, joining, leaving -------------------------------------------------------------


def writers(folder: Path, places: int = 10**6, most_rows: int = 64) -> Writers:
    made = loading.crew(str(folder), Settings(device="cpu"))
    assert isinstance(made, Writers)
    return Writers(made._network, made._tokens, Admission(places, most_rows))


def ticket(request: Request, seeds: Sequence[int]) -> Ticket[Job, Result]:
    return Ticket(Job(request, tuple(seeds)), Future())


def result(ticket: Ticket[Job, Result]) -> Done:
    outcome = ticket.future.result(timeout=0)
    assert isinstance(outcome, Done), outcome
    return outcome


def finish(crew: Writers) -> None:
    while crew.busy:
        crew.advance([])


def test_a_request_joins_while_others_are_being_written(folder: Path) -> None:
    spec = spec_of(folder)
    long, short = (request_to(spec, text, max_tokens=40) for text in ("A long one. " * 12, "Short."))
    crew = writers(folder)
    early, late, last = ticket(short, range(3)), ticket(long, range(10, 12)), ticket(short, [1])
    crew.advance([early])
    for _ in range(5):
        crew.advance([])
    crew.advance([late])
    for _ in range(5):
        crew.advance([])
    crew.advance([last])
    finish(crew)
    for one in (early, late, last):
        alone = writers(folder)
        again = ticket(one.task.request, one.task.seeds)
        alone.advance([again])
        finish(alone)
        assert result(one) == result(again)
    assert result(last).replies[0] == result(early).replies[1]


def test_the_block_never_outgrows_the_bound_and_everyone_gets_in(folder: Path) -> None:
    spec = spec_of(folder)
    crew = writers(folder, places=2200, most_rows=12)
    tickets = [
        ticket(request_to(spec, text, max_tokens=10 + 7 * k % 60), range(1 + k % 5)) for k, text in enumerate(PROMPTS)
    ]
    crew.advance(tickets[:20])
    most, steps = 0, 0
    while crew.busy or steps == 5:
        slots = crew._slots
        block = slots._rows * slots._columns
        most = max(most, block)
        assert block + max(padded(max(slots.lengths, default=0), 64), 550) <= 2200
        assert len(slots.lengths) == crew._admission.rows <= 12
        steps += 1
        crew.advance(tickets[20:] if steps == 5 else [])
    assert [len(result(t).replies) for t in tickets] == [1 + k % 5 for k in range(32)]
    assert most > 1000
    assert crew._slots._rows == 0
    roomy = writers(folder)
    again = [ticket(t.task.request, t.task.seeds) for t in tickets]
    roomy.advance(again)
    finish(roomy)
    assert [result(t) for t in again] == [result(t) for t in tickets]


def test_a_request_that_could_never_fit_is_refused(folder: Path) -> None:
    # 3 layers · 2 heads · 16 numbers · 4 bytes · keys and values = 768 bytes a place
    request = request_to(spec_of(folder, cache_gib=0.0003), "Too much.", max_tokens=300)
    assert ask(request) == [
        Fault(
            "bad_request",
            "model m: a prompt of 11 tokens and a reply of up to 300 need 0.000458 GiB for keys and values, and there "
            "are 0.000225 GiB; lower `max_tokens`, or raise `cache_gib` where there is memory",
        )
    ]


def test_what_is_cancelled_is_dropped(folder: Path) -> None:
    spec = spec_of(folder)
    crew = writers(folder, most_rows=8)
    sizes = (("a", 2), ("b", 5), ("c", 8))
    kept, dropped, unread = (ticket(request_to(spec, text, max_tokens=30), range(n)) for text, n in sizes)
    crew.advance([dropped, kept, unread])
    assert dropped.future.cancel()
    assert unread.future.cancel()
    crew.advance([])
    assert crew._admission.rows == 2
    finish(crew)
    assert len(result(kept).replies) == 2


def test_when_memory_runs_out_what_is_written_fails_and_what_waits_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew = writers(folder, most_rows=4)
    spec = spec_of(folder)
    first, second = (ticket(request_to(spec, text, max_tokens=9), range(4)) for text in ("a", "b"))
    crew.advance([first])
    with monkeypatch.context() as patch:

        def full(*_: object) -> object:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

        patch.setattr(crew._network, "step", full)
        crew.advance([second])
    assert first.future.result() == Fault(
        "overloaded", "CUDA out of memory with 4 samples being written; lower `cache_gib` or `max_batch`"
    )
    finish(crew)
    assert len(result(second).replies) == 4


# --- what cannot be loaded ----------------------------------------------------------------


def test_weights_that_lack_a_tensor_are_refused_not_made_up(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(save(tmp_path) / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    first, second = ask(request_to(spec_of(tmp_path)), request_to(spec_of(tmp_path)))
    lack = "its weights lack 1 tensors, such as model.layers.1.mlp.up_proj.weight"
    assert first == Fault("not_found", f"model m: {tmp_path} is incomplete: {lack}")
    assert second == first


def test_a_model_that_keeps_other_things_is_refused(tmp_path: Path) -> None:
    made = transformers.MambaForCausalLM(
        transformers.MambaConfig(vocab_size=258, hidden_size=16, num_hidden_layers=1, state_size=4, expand=1)
    )
    made.save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    (outcome,) = ask(request_to(spec_of(tmp_path)))
    assert isinstance(outcome, Fault)
    assert outcome.message == (
        f"model m: {tmp_path} holds a MambaForCausalLM, which keeps more than keys and values; it is not run"
    )


def test_a_kind_that_transformers_does_not_know_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = (folder / "config.json").read_text().replace('"model_type": "llama"', '"model_type": "brand_new"')
    (tmp_path / "config.json").write_text(config)
    (outcome,) = ask(request_to(spec_of(tmp_path)))
    assert isinstance(outcome, Fault)
    assert outcome.message.startswith(f"model m: {tmp_path} cannot be loaded: ")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said(folder: Path) -> None:
    spec = replace(spec_of(folder), options=(("device", "cuda:0"),))
    assert ask(request_to(spec)) == [Fault("not_found", "model m: there is no device cuda:0: torch sees 0 of them")]


def test_models_of_one_checkpoint_share_it(folder: Path) -> None:
    async def go() -> int:
        provider = Local()
        one = request_to(spec_of(folder), max_tokens=3)
        other = replace(one, model=replace(one.model, name="other", temperature=0.3))
        outcomes = [await provider.attempt(r, keys(r, 1)) for r in (one, other)]
        assert all(isinstance(outcome, Answered) for outcome in outcomes)
        engines = len(provider._engines)
        await provider.close()
        return engines

    assert asyncio.run(go()) == 1
