"""Helper library of the skin-lesion reproducibility study.

Layers, lowest first; a module imports only from its own layer or from lower ones (a test checks it):

    errors, paths, files, environment, bootstrap
    < data < splits < tasks, spec, grid < datasets < models < training
    < evaluation < metrics, intervals, significance
    < records, measurements < runs < trained
    < printed, published_schema, published, claims, claims_rules
    < ensembles, summaries, comparison, style, html_table, figures, figures_curves, figures_factors
    < pools, figures_ensembles, leakage, contest, headlines, figures_contest
    < explain, compression, audit, exploration
    < papers
    < notebook, workflow < stored < redraw, site
    < cli

Command modules (``command``, ``*_command``) belong to the last layer.
"""

__version__ = "0.1.0"
