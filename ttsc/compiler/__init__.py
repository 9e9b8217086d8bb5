"""The compiler: from a file to a plan. Pure but for reading `.tts` files inside the project folder."""

from __future__ import annotations

from ttsc.compiler.check import check, declared_models
from ttsc.compiler.loading import Loaded, load
from ttsc.compiler.problems import Problems

__all__ = ["Loaded", "Problems", "check", "declared_models", "load"]
