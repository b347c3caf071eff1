#!/usr/bin/python3
"""Validates configurations against a JSON Schema with python3-jsonschema, an independent implementation.

    validate_configuration.py SCHEMA < TEXTS

TEXTS is a JSON array of YAML texts. The output is a JSON array with null for each valid text and an error for each other
text. The schema itself is first validated against its meta-schema. YAML is read as editors read it, by the core schema of
YAML 1.2 and with merge keys: `no` and `19:30` are strings.
"""

import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, pattern, first in [
    ("merge", r"^<<$", ["<"]),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+0123456789.")),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
verdicts = []
for text in json.load(sys.stdin):
    error = next(validator.iter_errors(yaml.load(text, Loader)), None)
    verdicts.append(None if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:300])
json.dump(verdicts, sys.stdout)
