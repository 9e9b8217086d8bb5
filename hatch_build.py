"""Build hook: makes the parser's tables ahead of time, so that the first run after an install is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """Puts the tables beside the grammar in a wheel, and into the source tree of an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs the files."""
        sys.path.insert(0, self.root)
        from ttsc.grammar import tables

        tables.tables()
        if Path(tables.KEPT).is_file():
            build_data["force_include"][str(tables.KEPT)] = "ttsc/grammar/tts.json"
