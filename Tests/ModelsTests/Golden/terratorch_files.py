"""Single files of terratorch (pip install --no-deps), importable without what they register themselves with."""

import importlib.util
import pathlib
import sys
import types


def load_terratorch():
    """Makes single files of terratorch importable."""
    if "terratorch.registry" in sys.modules:
        return
    root = pathlib.Path(importlib.util.find_spec("terratorch").submodule_search_locations[0])
    for name in ["terratorch", "terratorch.models", "terratorch.models.backbones", "terratorch.models.backbones.terramind",
                 "terratorch.models.backbones.terramind.model", "terratorch.models.decoders", "terratorch.models.heads"]:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(root.parent / name.replace(".", "/"))]
    registry = types.ModuleType("terratorch.registry")
    anything = types.SimpleNamespace(register=lambda kind: kind)
    registry.TERRATORCH_DECODER_REGISTRY = registry.TERRATORCH_NECK_REGISTRY = registry.NECK_REGISTRY = anything
    sys.modules["terratorch.registry"] = registry
