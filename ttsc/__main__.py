"""`python -m ttsc` is `ttsc`."""

from __future__ import annotations

from ttsc.cli.main import main

if __name__ == "__main__":
    main()
