"""Parameters of papermill as TypeScript. Importing this module registers the translator."""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

__all__ = ["NBClientEngine", "TypeScriptTranslator"]

MAX_SAFE_INTEGER = 2**53 - 1
IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
# `const epochs: number = 10; // how long`: the name, its type, its value and what the comment says.
DECLARATION = re.compile(
    r"^(?:const|let|var)\s+(?P<name>[\w$]+)\s*(?::\s*(?P<type>[^=]+?)\s*)?=\s*(?P<value>.*?)\s*;?\s*(?://\s*(?P<help>.*))?$"
)


class TypeScriptTranslator(Translator):
    """Writes parameters as `let name = value;`, and finds those that a notebook's parameters cell declares."""

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_int(cls, val):
        if abs(val) > MAX_SAFE_INTEGER:
            raise PapermillException(f"The parameter {val} is no exact number of JavaScript; pass it as a string, for BigInt(...).")
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(val)

    @classmethod
    def translate_escaped_str(cls, str_val):
        return json.dumps(str(str_val), ensure_ascii=False)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(map(cls.translate, val))}]"

    @classmethod
    def translate_dict(cls, val):
        entries = (f"{cls._key(key)}: {cls.translate(item)}" for key, item in val.items())
        return f"{{{', '.join(entries)}}}"

    @classmethod
    def _key(cls, key):
        quoted = cls.translate_str(key)
        # As a plain key it would set the prototype.
        return f"[{quoted}]" if key == "__proto__" else quoted

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if IDENTIFIER.fullmatch(name) is None:
            raise PapermillException(f'The parameter "{name}" is no name of a variable in TypeScript.')
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        declarations = (DECLARATION.match(line.strip()) for line in parameters_cell["source"].splitlines())
        return [
            Parameter(
                name=found["name"],
                inferred_type_name=found["type"] or "None",
                default=found["value"],
                help=found["help"] or "",
            )
            for found in declarations
            if found is not None
        ]


papermill_translators.register("typescript", TypeScriptTranslator)
