"""What is in the data: counts, metadata, repeats, near-duplicates, pictures, and what each split leaks.

Every function takes an index (see :func:`lib.data.load_index`) and returns a DataFrame or a figure.
"""

from lib.studies.exploration.charts import (
    plot_ages,
    plot_categories,
    plot_class_counts,
    plot_leakage,
    plot_mask_area,
    plot_nearest,
    plot_repeats,
)
from lib.studies.exploration.duplicates import (
    copies_in_training,
    nearest_images,
    nearest_summary,
    shared_images,
    suspect_pairs,
)
from lib.studies.exploration.pictures import mean_images, pair_grid, repeat_grid, sample_grid
from lib.studies.exploration.tables import (
    age_summary,
    associations,
    categories,
    class_counts,
    leakage,
    mask_areas,
    mask_summary,
    missing_values,
    overview,
    repeats,
)

__all__ = [
    "age_summary",
    "associations",
    "categories",
    "class_counts",
    "copies_in_training",
    "leakage",
    "mask_areas",
    "mask_summary",
    "mean_images",
    "missing_values",
    "nearest_images",
    "nearest_summary",
    "overview",
    "pair_grid",
    "plot_ages",
    "plot_categories",
    "plot_class_counts",
    "plot_leakage",
    "plot_mask_area",
    "plot_nearest",
    "plot_repeats",
    "repeat_grid",
    "repeats",
    "sample_grid",
    "shared_images",
    "suspect_pairs",
]
