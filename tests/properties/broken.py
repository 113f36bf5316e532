"""A pytest plugin that loads one module of the system with one guard taken out (see break_guards.py)."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType

MODULE, OLD, NEW = (os.environ.get(name, "") for name in ("LIMS_BROKEN_MODULE", "LIMS_GUARD", "LIMS_INSTEAD"))


class WithoutGuard(importlib.machinery.SourceFileLoader):
    """The module's source with the guard replaced; compiled anew, so that no cached code counts."""

    def get_code(self, fullname: str) -> CodeType:
        """The altered code; the guard must stand in the source exactly once."""
        source = self.get_data(self.path).decode()
        if source.count(OLD) != 1:
            raise ImportError(f"{fullname} has this guard {source.count(OLD)} times: {OLD!r}")
        return compile(source.replace(OLD, NEW), self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the one module first."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of the altered module, none for every other one."""
        if fullname != MODULE:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert found is not None and found.origin is not None
        return importlib.util.spec_from_file_location(
            fullname, found.origin, loader=WithoutGuard(fullname, found.origin)
        )


if MODULE:
    assert MODULE not in sys.modules, "the plugin must be loaded before the system"
    sys.meta_path.insert(0, Finder())
