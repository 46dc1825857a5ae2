"""
Coverage-guided search with atheris, where it is installed (it is no dependency): `python -m tests.fuzz.guided conditions`.

Further arguments are libFuzzer's, such as `-max_total_time=600`. What must hold is what the tests of this folder say: read or
refused, never a crash. An input that breaks it is printed and kept by libFuzzer. Payloads are left to hypothesis: their reader is
compiled, so there is no coverage to be guided by.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

TARGETS = ("conditions", "yaml", "limits")


def conditions() -> Callable[[bytes], None]:
    from complaints.conditions import Condition, ConditionError
    from tests.complaints.test_conditions import symbols
    from tests.fuzz.test_conditions import FACTS

    known = symbols(start=True)

    def look(raw: bytes) -> None:
        try:
            condition = Condition(raw.decode("utf-8", "replace"))
            condition.bind(known)
        except ConditionError:
            return
        for facts in (FACTS, {}):
            assert condition.evaluate(facts) in (True, False, None)

    return look


def yaml() -> Callable[[bytes], None]:
    from storage.policy_files import examine_text

    def look(raw: bytes) -> None:
        _, findings = examine_text(raw.decode("utf-8", "replace"), "guided")
        assert all(str(finding).strip() for finding in findings)

    return look


def limits() -> Callable[[bytes], None]:
    from complaints.limits import limit_words, parse_limit

    def look(raw: bytes) -> None:
        try:
            limit = parse_limit(raw.decode("utf-8", "replace"))
        except ValueError:
            return
        assert parse_limit(limit_words(limit)) == limit

    return look


def main() -> None:
    import atheris

    target = sys.argv[1] if len(sys.argv) > 1 else ""
    if target not in TARGETS:
        sys.exit(f"say what to search: {', '.join(TARGETS)}")
    with atheris.instrument_imports(include=["complaints", "handlers", "storage"]):
        look = {"conditions": conditions, "yaml": yaml, "limits": limits}[target]()
    atheris.Setup([sys.argv[0], *sys.argv[2:]], look)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
