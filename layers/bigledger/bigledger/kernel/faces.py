"""Faces: what a module offers, imported when it is asked for.

The ``__init__`` of a module names its public face as imports, which type checkers read. At run time each name is
imported when it is first used, so that an operation imports what it needs, and neither the whole of its module nor
that of the modules below.
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

_IMPORT = re.compile(r"^    from ([\w.]+) import (\([^)]*\)|[^\n]*)$", re.MULTILINE)


class _Face(ModuleType):
    """A module whose face may have a name that one of its files has, too."""

    _places: dict[str, str]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, but let a file that is imported not take the place of what the face offers."""
        if not (isinstance(value, ModuleType) and self._places.get(name, self.__name__) != self.__name__):
            super().__setattr__(name, value)


def face(package: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module: it imports a name from where the module's ``__init__`` says it is."""
    module = sys.modules[package]
    places = {
        name: place
        for place, names in _IMPORT.findall(Path(str(module.__file__)).read_text())
        for name in re.findall(r"\w+", names)
    }
    module.__dict__["_places"] = places
    module.__class__ = _Face

    def get(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = import_module(f"{package}.{name}") if place == package else getattr(import_module(place), name)
        module.__dict__[name] = found
        return found

    return get


@cache
def import_everything() -> None:
    """Import all files of all modules: for what they say as they are imported and nobody has asked for yet."""
    name = __name__.partition(".")[0]
    for found in walk_packages(sys.modules[name].__path__, f"{name}."):
        if ".migrations" not in found.name:
            import_module(found.name)
