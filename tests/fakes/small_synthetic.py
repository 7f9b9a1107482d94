"""The synthetic set with fewer lesions, for trainings of seconds."""

import pandas as pd

from lib.data.synthetic import load_synthetic_index


def load() -> pd.DataFrame:
    return load_synthetic_index(n_lesions=240, size=(64, 48))
