"""Prints an OpenAPI document without the examples of requests that are refused.

A request and its answer have one name, so a refused one is one without an answer of that name among the successes.
"""

import json
import sys

with open(sys.argv[1]) as file:
    document = json.load(file)
for path in document["paths"].values():
    for operation in path.values():
        if not isinstance(operation, dict) or "requestBody" not in operation:
            continue
        accepted: set[str] = set()
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                for content in response.get("content", {}).values():
                    accepted |= content.get("examples", {}).keys()
        for content in operation["requestBody"]["content"].values():
            examples = content.get("examples", {})
            content["examples"] = {name: examples[name] for name in examples if name in accepted}
json.dump(document, sys.stdout)
