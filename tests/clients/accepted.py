"""Prints an OpenAPI document without the examples of requests that are refused.

A request and its answer have one name, so a refused one is one without an answer of that name among the successes.
"""

import json
import sys

with open(sys.argv[1]) as file:
    document = json.load(file)
for path in document["paths"].values():
    for operation in path.values():
        if not isinstance(operation, dict):
            continue
        accepted: set[str] = set()
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                for content in response.get("content", {}).values():
                    accepted |= content.get("examples", {}).keys()
        if "204" in operation["responses"]:
            accepted.add("ok")
        bodies = operation.get("requestBody", {}).get("content", {}).values()
        for shown in [*bodies, *operation.get("parameters", [])]:
            if "examples" in shown:
                shown["examples"] = {name: value for name, value in shown["examples"].items() if name in accepted}
json.dump(document, sys.stdout)
