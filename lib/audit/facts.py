"""What the data sets are: class counts with their sources. Numbers of the papers are not here."""

from lib.data.catalogue import SOURCES
from lib.data.sets.malignant_benign import FOLDER_COUNTS

# Tschandl, Rosendahl, Kittler, Sci. Data 5:180161 (2018); Harvard Dataverse doi:10.7910/DVN/DBW86T.
HAM10000 = SOURCES["ham10000"].counts
HAM10000_IMAGE_SIZE = (450, 600)

# Kaggle fanconic/skin-cancer-malignant-vs-benign, folder test/.
MALIGNANT_VS_BENIGN_TEST = {dx: n for (folder, dx), n in FOLDER_COUNTS.items() if folder == "test"}

# Yang et al., MedMNIST v2, Sci. Data 10:41 (2023): sizes, and how many images of each part are nv.
DERMAMNIST = {"train": 7007, "val": 1003, "test": 2005}
DERMAMNIST_NV = {"train": 4693, "val": 671, "test": 1341}

# Abhishek, Jain, Hamarneh, Sci. Data 12:196 (2025): test sizes of its versions (Zenodo 11101337, 12739457) and the
# accuracy of its ResNet-50 at 224 px. The nv counts follow from its rule, applied to DermaMNIST's split.
DERMAMNIST_C_TEST = {"version 1.0": 1232, "version 1.1": 1227}
DERMAMNIST_C_TEST_NV = {"version 1.0": 951, "version 1.1": 948}
DERMAMNIST_C_RESNET50_ACCURACY = "0.841"

# Kaggle "Alzheimer MRI 4 classes": images per class; each subject is a stack of 32 axial slices.
ALZHEIMER = SOURCES["alzheimer"].counts

# Combalia et al., arXiv:1908.02288 (2019): ISIC 2019's training set, which contains all of HAM10000.
ISIC2019 = sum(SOURCES["isic2019"].counts.values())

# NVIDIA Tesla P100 PCIe 16 GB, data sheet (2016): peak single-precision rate in FLOP/s.
P100_PEAK_FLOPS = 9.3e12
