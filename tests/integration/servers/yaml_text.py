"""Writes YAML; the standard library has no writer and the tests need a small one."""

import json


def dump(value, indent=0):
    """Mappings in block style, everything else as JSON, which YAML includes."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict) and item:
            lines.append(f"{' ' * indent}{key}:\n{dump(item, indent + 2)}")
        else:
            lines.append(f"{' ' * indent}{key}: {json.dumps(item)}\n")
    return "".join(lines)


def merged(base, overrides):
    """`base` with `overrides` laid over it, key by key; a value of None removes
    the key."""
    result = dict(base)
    for key, item in overrides.items():
        if item is None:
            result.pop(key, None)
        elif isinstance(item, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], item)
        else:
            result[key] = item
    return result
