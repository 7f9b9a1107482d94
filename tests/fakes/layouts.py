"""Files in the layouts of the official distributions: full counts and real ids, one tiny image."""

import io
import zipfile

import numpy as np
import pandas as pd
from PIL import Image

from lib.data.catalogue import SOURCES
from lib.data.sets.ham10000 import N_LESIONS
from lib.data.sets.isic import IMAGE_IDS

TEST_COUNTS = {**SOURCES["isic2018-test"].counts, "nv": 909}
ISIC_COLUMNS = {"mel": "MEL", "nv": "NV", "bcc": "BCC", "akiec": "AKIEC", "bkl": "BKL", "df": "DF", "vasc": "VASC"}


def tiny_jpeg():
    buffer = io.BytesIO()
    Image.fromarray(np.full((3, 4, 3), 90, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def write_zip(path, files, mode="w"):
    """A zip of ``files``, name -> content; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, mode, zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def fill_zip(path, folder, names):
    """A zip of the same small image under every one of ``names`` (".jpg" is added), and a licence text."""
    images = dict.fromkeys((f"{folder}{name}.jpg" for name in names), tiny_jpeg())
    return write_zip(path, {f"{folder}ATTRIBUTION.txt": "text"} | images)


def shuffled_classes(counts):
    """Every class name as often as ``counts`` says, in a fixed mixed order."""
    dx = np.repeat(list(counts), list(counts.values()))
    np.random.default_rng(0).shuffle(dx)
    return dx


def ham10000_metadata():
    """HAM10000's ids and class counts, and its number of lesions, each of one class."""
    counts = SOURCES["ham10000"].counts
    ids = [f"ISIC_{i:07d}" for i in range(24306, 34321)]
    table = pd.DataFrame({"image_id": ids, "dx": shuffled_classes(counts)})
    lesions = {dx: round(n * N_LESIONS / len(ids)) for dx, n in counts.items()}
    lesions["nv"] += N_LESIONS - sum(lesions.values())
    number = table.groupby("dx").cumcount() % table["dx"].map(lesions)
    lesion_id = table["dx"] + "_" + number.astype(str)
    return table.assign(lesion_id=lesion_id, dx_type="histo", age=50.0, sex="male", localization="back")


def isic2018_test_truth():
    """Ids of the ISIC 2018 test images and a diagnosis each, with the published counts."""
    return pd.DataFrame({"image_id": IMAGE_IDS, "dx": shuffled_classes(TEST_COUNTS)})


def one_hot(table, columns=ISIC_COLUMNS):
    """Ground truth as the ISIC challenges give it: image, then a column of 0.0 and 1.0 per diagnosis."""
    hot = pd.DataFrame({"image": table["image_id"]})
    for dx, column in columns.items():
        hot[column] = (table["dx"] == dx).astype(float).to_numpy()
    return hot


def write_isic2019(root):
    """ISIC 2019's three files under ``root``; returns (truth: image_id, dx; metadata). HAM10000's ids come first."""
    counts = SOURCES["isic2019"].counts
    ids = [f"ISIC_{i:07d}" for i in range(24306, 34321)]
    ids += [f"ISIC_{i:07d}{'_downsampled' if i < 2000 else ''}" for i in range(2903)]
    ids += [f"ISIC_{i:07d}" for i in range(50000, 62413)]
    truth = pd.DataFrame({"image_id": ids, "dx": shuffled_classes(counts)})
    columns = {**ISIC_COLUMNS, "akiec": "AK", "scc": "SCC", "unk": "UNK"}
    folder = root / "ISIC_2019"
    fill_zip(folder / "ISIC_2019_Training_Input.zip", "ISIC_2019_Training_Input/", ids)
    one_hot(truth, columns).to_csv(folder / "ISIC_2019_Training_GroundTruth.csv", index=False)
    lesion = np.where(truth.index < 10015, "HAM_", np.where(truth.index < 12918, "MSK4_", "BCN_"))
    metadata = pd.DataFrame({"image": ids, "age_approx": 45.0, "anatom_site_general": "head/neck", "sex": "female"})
    metadata["lesion_id"] = pd.Series(lesion + (truth.index // 2).astype(str)).mask(truth.index == 11000)
    metadata.to_csv(folder / "ISIC_2019_Training_Metadata.csv", index=False)
    return truth, metadata
