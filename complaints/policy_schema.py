"""The JSON Schema of a policy file, for editors: `python -m complaints.policy_schema > docs/policy.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from complaints.policy import Policy


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of a policy file; names and conditions are checked only by `redress policy check`."""
    schema = Policy.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Redress policy file"
    return schema


def schema_text() -> str:
    """Return the schema as the text of docs/policy.schema.json."""
    return json.dumps(policy_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
