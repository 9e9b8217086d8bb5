r"""When a simulated model is right, and what it says when it is not: a one-factor probit model.

Sample s of model m on question q is right exactly if

    l·D(q) + sqrt(1 - l² - e)·I(m, q) + sqrt(e)·E(s)  <  Φ⁻¹(skill of m)

with D, I and E standard normal: D the difficulty that every model feels, I what is hard for this
model alone, E the luck of the sample. So a model's accuracy is its skill whatever the rest; two
models are wrong together far more often than independent ones; and samples of one model agree
more than samples of two. (The normal-ogive model of item response theory, discrimination l
growing with skill; Lord & Novick 1968, chapter 16.) A wrong answer is the question's k-th most
popular one with a probability proportional to k^-x, the same k for every model. A sample keeps to
the model's own favourite with probability exp(-c·T), else draws anew. The sample's share e of the
variance grows with temperature T as e = noise·T², at most 1 - l².

D, I and the favourite are functions of the question's text (and the model's name), E and the rest
of the draw's key: nothing here has a state. l, x, noise and c are fitted by
`scripts/fit_simulation.py`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist

from ttsc.models.figures import Profile

NORMAL = NormalDist()

#: The temperature of a model whose declaration gives none: what providers mostly use.
USUAL_TEMPERATURE = 1.0

#: Even at temperature 0 a served model varies a little (batching); assumed, not fitted.
LEAST_TEMPERATURE = 0.05


def uniform(*parts: str) -> float:
    """A number in the open interval 0..1, fixed by `parts` and unlike that of any other parts."""
    raw = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(raw, "little") + 0.5) / 2.0**64


def normal(*parts: str) -> float:
    """A standard normal number fixed by `parts`."""
    return NORMAL.inv_cdf(uniform(*parts))


def quantile(share: float) -> float:
    """Φ⁻¹, with shares of 0 and 1 as far out as no draw ever goes."""
    return NORMAL.inv_cdf(min(max(share, 1e-15), 1 - 1e-15))


def warmth(temperature: float | None) -> float:
    """The temperature that counts for a request's `temperature`."""
    return max(USUAL_TEMPERATURE if temperature is None else temperature, LEAST_TEMPERATURE)


def is_right(profile: Profile, question: str, draw: str, temperature: float) -> bool:
    """Whether a draw answers a question rightly."""
    loading = profile.world.loading(profile.skill)
    luck = min(profile.world.noise * temperature * temperature, 1 - loading * loading)
    own = max(0.0, 1 - loading * loading - luck)
    trouble = (
        loading * normal("difficulty", question)
        + math.sqrt(own) * normal("own", profile.name, question)
        + math.sqrt(luck) * normal("luck", draw)
    )
    return trouble < quantile(profile.skill)


def wrong_rank(profile: Profile, question: str, draw: str, temperature: float) -> int:
    """Which wrong answer a draw gives: 0 the most popular one."""
    steps = _popularity(profile.world.wrong_answers, profile.world.exponent)
    stays = uniform("stays", draw) < math.exp(-profile.world.change * temperature)
    place = uniform("favourite", profile.name, question) if stays else uniform("answer", draw)
    return bisect_left(steps, place * steps[-1])


def belief(profile: Profile, question: str, draw: str, answer: str, right: bool | None) -> float:
    """How well a judge thinks of an answer: the higher the better, unit variance.

    Right answers lie d' = Φ⁻¹(tpr) - Φ⁻¹(fpr) above wrong ones; `belief > threshold(profile)` has
    exactly the judge's rates. Half of the variance is the judge's fixed opinion of this answer, so
    asking it again helps only in part (assumed, not fitted). None: in the middle of the two.
    """
    spread = quantile(profile.judge_tpr) - quantile(profile.judge_fpr)
    shift = {True: spread / 2, False: -spread / 2, None: 0.0}[right]
    opinion = normal("opinion", profile.name, question, answer)
    return shift + math.sqrt(0.5) * (opinion + normal("judgement", draw, answer))


def threshold(profile: Profile) -> float:
    """The belief above which a judge passes an answer."""
    return -(quantile(profile.judge_tpr) + quantile(profile.judge_fpr)) / 2


@lru_cache(maxsize=64)
def _popularity(count: int, exponent: float) -> tuple[float, ...]:
    return tuple(accumulate(rank**-exponent for rank in range(1, count + 1)))
