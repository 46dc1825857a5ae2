"""The command line: `redress`."""

from __future__ import annotations

import sys

from bot.cli import run_cli


def main() -> int:
    """Run the command line and return its exit code: 0 done, 1 not, 2 wrong use."""
    return run_cli(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
