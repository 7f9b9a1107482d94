"""Tables as a reader sees them."""

import re

import pandas as pd

from lib.report.html_table import as_html


def cells(text):
    return re.findall("<td>(.*?)</td>", text)


def test_counts_stay_whole_where_some_are_missing():
    runs = pd.array([3, None], dtype="Int64")
    frame = pd.DataFrame({"n": [660.0, None], "runs": runs, "accuracy": [0.5, None], "gain": 1.0, "none": None})
    assert cells(as_html(frame, 2)) == ["660", "3", "0.50", "1.00", "–", "–", "–", "–", "1.00", "–"]
    means = pd.DataFrame({"n_test": [1002.0, 660.0], "n_shared": [395.0, 9.4], "share": [0.0, 1.0]})
    assert cells(as_html(means, 1)) == ["1002", "395.0", "0.0", "660", "9.4", "1.0"]  # means over seeds


def test_learning_rates_and_weights_of_losses_keep_their_digits():
    frame = pd.DataFrame({"lr": [5e-6, 0.001, None], "lambda": [0.0005, 0.0, 5.0], "ours": [0.5, 0.25, 1.0]})
    assert cells(as_html(frame, 1)) == ["5e-06", "0.0005", "0.5", "0.001", "0", "0.2", "–", "5", "1.0"]


def test_a_p_value_is_never_shown_as_zero():
    frame = pd.DataFrame({"p_holm": [1e-9, 0.2, None], "difference": [1e-9, 0.5, 1.0]})
    assert cells(as_html(frame, 3)) == ["&lt;0.001", "0.000", "0.200", "0.500", "–", "1.000"]


def test_settings_that_all_rows_share_are_said_once():
    frame = pd.DataFrame({"data": "a<b", "px": 64, "model": "m", "split": ["paper", "grouped"], "seeds": [1, 1]})
    text = as_html(frame, 2)
    assert "<caption>in all rows: a&lt;b; 64 px; seeds 1</caption>" in text
    assert cells(text) == ["m", "paper", "m", "grouped"]
    assert text.index("<table") < text.index("<caption") < text.index("<thead")


def test_a_single_row_and_a_table_of_settings_alone_stay_as_they_are():
    assert "<caption" not in as_html(pd.DataFrame({"data": ["a"], "ours": [1.0]}), 1)
    assert "<caption" not in as_html(pd.DataFrame({"data": ["a", "a"], "px": [1, 1]}), 1)
    assert "<caption" not in as_html(pd.DataFrame({"data": [None, None], "ours": [1.0, 2.0]}), 1)


def test_what_was_trained_is_one_name_and_a_value_stands_with_its_interval():
    made = {"model": "vit", "backbone": ["resnet50", "vit_tiny_patch16_224"], "weights": "local", "trained": "head"}
    values = {"px": 64, "accuracy": [0.5, 0.25], "low": [0.25, None], "high": [0.75, None]}
    text = as_html(pd.DataFrame({**made, **values}), 2)
    assert cells(text) == ["ViT ← ResNet-50", "0.50 [0.25, 0.75]", "ViT ← ViT-Tiny", "0.25"]
    assert "<caption>in all rows: frozen; 64 px</caption>" in text


def test_a_network_that_did_not_learn_says_so():
    text = as_html(pd.DataFrame({"model": ["vit", "cnn"], "accuracy": [0.5, 0.25], "learned": [True, False]}), 2)
    assert '<tr class="unlearned"><td>CNN (did not learn)</td>' in text and text.count("unlearned") == 1
