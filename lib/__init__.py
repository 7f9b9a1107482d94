"""Helper library of the skin-lesion reproducibility study.

Layers, lowest first; a module imports only from its own layer or from lower ones (a test checks it):

    errors, paths, files, environment, bootstrap < data < splits < tasks, spec, grid < datasets < models < training
    < metrics, intervals < records < runs < printed, published_schema, published, audit, ensembles, summaries,
    comparison, style, figures, exploration, papers < notebook, workflow < cli

Command modules (``command``, ``*_command``) belong to the last layer.
"""

__version__ = "0.1.0"
