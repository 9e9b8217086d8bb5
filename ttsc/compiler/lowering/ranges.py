"""How a number is brought into a range, in the words of a help."""

from __future__ import annotations

from math import ceil, floor


def into_range(value: object, low: float, high: float, *, whole: bool) -> str:
    """What to write in place of a value that is no number, no whole one, or outside `low..high`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"write `{shown(low)}` for the least" if whole else f"write a number, such as `{shown(low)}`"
    if value < low:
        return f"write `{shown(low)}` or more"
    if value > high:
        return f"write `{shown(high)}` or less"
    around = dict.fromkeys((floor(value), ceil(value)))
    return f"write {' or '.join(f'`{number}`' for number in around)}"


def shown(number: float) -> str:
    """A number as the language writes it: `20_000`, `0.5`."""
    return f"{int(number):_}" if number == int(number) else f"{number:g}"
