"""Helper library of the skin-lesion reproducibility study.

Layers, lowest first; a module imports only from its own layer or from lower ones:
``errors, paths, files`` < ``data`` < ``splits`` < ``datasets`` < ``models`` < ``training`` <
``records`` < ``metrics`` < ``published, audit, ensembles, tables, figures`` < ``study`` < ``notebook, cli``.
"""

__version__ = "0.1.0"
