"""Local weights as the project expects them."""

import json

from safetensors.torch import save_file

from lib.core.files import sha256_file

NOTE = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1], "source": "made here", "pretraining": "none", "licence": "own"}


def keep(folder, name, state, **note):
    """Write the weights ``state`` of the model ``name`` to ``folder``, with their note."""
    file = folder / f"{name}.safetensors"
    save_file({k: v.contiguous() for k, v in state.items()}, file)
    (folder / f"{name}.json").write_text(json.dumps(NOTE | {"sha256": sha256_file(file)} | note))
    return folder
