"""Tables of abdulqader2026 from hand-made records: 28 test images of seven classes, errors known."""

import functools

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.core.errors import StudyError
from lib.evaluation.draws import Plan
from lib.evaluation.measure import mean_of
from lib.papers import abdulqader2026 as paper
from lib.papers import compare_all
from lib.papers.abdulqader2026 import figures, findings
from lib.papers.abdulqader2026.cells import cell_sets, phase, phase_groups
from lib.papers.abdulqader2026.effects import (
    STEPS,
    choices,
    class_effects,
    compared,
    phase_effects,
    row_effects,
    shown_effects,
    shown_splits,
    split_effects,
)
from lib.papers.abdulqader2026.scores import METRICS, OF_CLASS, OVERALL, of_classes, of_run, overall
from lib.papers.abdulqader2026.tables import (
    ablation_table,
    offline_counts,
    shown_ablation,
    shown_table_8,
    table_2,
    table_7,
    table_8,
)
from lib.plan.grid import PlannedRun, beside, merge, planned_runs, reference
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.published.tables import printed_table
from lib.published.values import load_published
from lib.records.draws import by_draw
from lib.records.seeds import by_seed
from tests.fakes.notebooks import notebook
from tests.fakes.records import image_rows, write_sets

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
TARGETS = np.repeat(np.arange(7), 4)
TINY = {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"}
ROWS = beside(paper.PAPER, "rows")
CELLS = {name: ROWS[f"table9.{name}"] for name in ("base", "offline", "online", "proposed")}


def probs(wrong=(), confidence=0.7):
    """[28, 7]: every target has ``confidence``, but images ``wrong`` give it to the next class."""
    named = np.where(np.isin(np.arange(28), wrong), (TARGETS + 1) % 7, TARGETS)
    out = np.full((28, 7), (1 - confidence) / 6)
    out[np.arange(28), named] = confidence
    return out


def make_spec(*changes, split="ham10000-image", **more):
    values = {**reference(paper.PAPER), "dataset": "ham10000", "split": {"name": split}, "model": TINY}
    for change in (*changes, more):
        values = merge(values, change)
    return RunSpec.parse(values)


def run(results, spec, wrong=(), paper_model="convnext_tiny", given=None):
    test = probs(wrong) if given is None else given
    sets = {"val": (image_rows("val", TARGETS), np.full((28, 7), 1 / 7)), "test": (image_rows("test", TARGETS), test)}
    history = [
        {"epoch": e, "train_loss": 1.5 - e / 10, "val_loss": 1.4 - e / 20, "train_accuracy": 0.5, "val_accuracy": a}
        for e, a in enumerate((0.5, 0.75, 0.625), start=1)
    ]
    made = {"pixels_sha256": "0", "n": dict(zip(CLASSES, (5, 4, 0, 6, 0, 0, 7), strict=True))}
    info = {"n": {"train": 100, "val": 28, "test": 28}, "data": {"ham10000": {"offline": made} if spec.offline else {}}}
    record = write_sets(results, spec, CLASSES, sets, history, **info)
    return PlannedRun(paper.PAPER, "group", paper_model, spec), record


@pytest.fixture
def four(tmp_path):
    """Table 9: base errs on eight images, each phase mends some, both leave image 12 (df) and 13 (df) wrong."""
    wrong = {"base": range(0, 28, 4), "offline": (0, 4, 12, 13), "online": (0, 12, 13, 16), "proposed": (12, 13)}
    return [run(tmp_path, make_spec(CELLS[name]), wrong[name]) for name in CELLS]


def test_metrics_are_equations_5_to_10(tmp_path):
    p = np.random.default_rng(0).dirichlet(np.ones(7), size=28) / 2 + np.eye(7)[np.arange(28) % 7] / 2
    (group,) = by_draw(by_seed([run(tmp_path, make_spec(), given=p)]))
    ours = {name: [e.value / 100 for e in of_classes(group, name, 20)] for name in OF_CLASS}
    called = p.argmax(axis=1)
    for c in range(7):
        tp = ((called == c) & (c == TARGETS)).sum()
        fp, fn = (called == c).sum() - tp, 4 - tp
        tn = 28 - tp - fp - fn
        assert ours["accuracy"][c] == pytest.approx((tp + tn) / 28)
        assert ours["recall"][c] == pytest.approx(tp / 4)
        assert ours["specificity"][c] == pytest.approx(tn / (tn + fp))
        assert ours["precision"][c] == pytest.approx(tp / (tp + fp))
        assert ours["f1"][c] == pytest.approx(2 * tp / (2 * tp + fp + fn))
        assert ours["auc"][c] == pytest.approx(sk.roc_auc_score(c == TARGETS, p[:, c].round(6)))


def test_overall_metrics_are_means_over_classes_and_seeds(tmp_path):
    wrong = (0, 5, 9, 12, 13, 20)
    (group,) = by_draw(by_seed([run(tmp_path, make_spec(), wrong), run(tmp_path, make_spec(seed=1), (0, 1, 2))]))
    found = {name: overall(group, name, 60) for name in METRICS}
    assert tuple(found) == (*OVERALL, "ece")
    targets, stack, _ = group.first.arrays("test")
    called = stack.argmax(axis=2)
    for name, function in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        by_hand = np.mean([function(targets, c, average="macro", zero_division=0) for c in called])
        assert found[name].value == pytest.approx(100 * by_hand)
    specificity = np.mean([[sk.recall_score(targets != c, each != c) for c in range(7)] for each in called])
    assert found["specificity"].value == pytest.approx(100 * specificity)
    assert found["recall"].runs == (0, 1) and found["recall"].speaks_of == "these networks"


def test_cells_are_found_by_specification(tmp_path, four):
    size = {"image_size": 192, "augmentation": {"random_crop": 225}}
    others = [
        run(tmp_path, make_spec(ROWS["table14.sgd"])),
        run(tmp_path, make_spec(batch_size=16)),
        run(tmp_path, make_spec(size)),
        run(tmp_path, make_spec({"model": {"backbone": "convnext_small.fb_in1k"}}), paper_model="convnext_small"),
        run(tmp_path, make_spec(CELLS["base"], batch_size=16)),  # of no table: one factor too many
    ]
    scored = by_seed([*four, *others])
    found = {n: [sorted(cells) for cells in cell_sets(scored, n)] for n in ("9", "12", "13", "14", "15")}
    assert found["12"] == [["convnext_small", "convnext_tiny"]]
    assert found["13"] == [["192", "384"]] and found["14"] == [["adamw", "sgd"]] and found["15"] == [["16", "64"]]
    assert found["9"] == [["base", "offline", "online", "proposed"], ["base", "proposed"]]
    assert cell_sets(by_seed(four[:1]), "9") == []


def test_reduced_sizes_stand_in_their_proportion(tmp_path):
    sizes = {32: 38, 48: 56, 64: 75, 96: 112}
    runs = [run(tmp_path, make_spec({"image_size": s, "augmentation": {"random_crop": c}})) for s, c in sizes.items()]
    scored = by_seed(runs)
    (cells,) = cell_sets(scored, "13")
    assert {row: one.first.spec.image_size for row, one in cells.items()} == {
        "128": 32, "192": 48, "256": 64, "384": 96,
    }  # fmt: skip


def test_choices_name_the_best_row_and_what_differs(tmp_path, four):
    adam = run(tmp_path, make_spec(ROWS["table14.adam"]), ())
    sgd = run(tmp_path, make_spec(ROWS["table14.sgd"]), range(14))
    table = choices(by_seed([*four, adam, sgd]), 100).set_index("metric")
    assert table.loc["accuracy", ["table", "chosen", "best", "rows"]].tolist() == ["14", "adamw", "adam", 3]
    assert (table.loc["accuracy", "below"], table.loc["accuracy", "above"]) == (1, 0)
    effects = row_effects(by_seed([*four, adam]), "14", 20).set_index("metric")
    assert effects.loc["accuracy", "contrast"] == "Adam − AdamW"
    assert effects.loc["accuracy", "difference"] == pytest.approx(100 * 2 / 28)
    assert effects.loc["accuracy", "published"] == pytest.approx(89.97 - 95.21)
    found = row_effects(by_seed([*four, adam, sgd]), "14", 100)
    told = findings.beaten({"14": found[found["contrast"].str.startswith("SGD")]})
    assert told == (
        "No alternative beats the paper's choice beyond chance; only optimizer beats the closest rival. "
        "One network per row, uncorrected."
    )
    rows = ablation_table(by_seed([*four, adam, sgd]), "14", 20)
    assert findings.missing(rows, "14") == "Without a run here: NAdam."


def test_rows_are_compared_on_the_draws_that_all_have(tmp_path):
    adamw, adam = CELLS["proposed"], ROWS["table14.adam"]
    lucky = run(tmp_path, make_spec(adamw, {"split": {"seed": 1}}, seed=1), ())
    recipes = by_seed([run(tmp_path, make_spec(adamw), range(3)), lucky, run(tmp_path, make_spec(adam), range(2))])
    table = ablation_table(recipes, "14", 20)
    assert table["row"].tolist() == ["adam", "adamw"] and table["draws"].tolist() == [1, 1]
    assert table["accuracy"].tolist() == pytest.approx([100 * 26 / 28, 100 * 25 / 28])
    assert choices(recipes, 20).set_index("metric").loc["accuracy", ["chosen", "best"]].tolist() == ["adamw", "adam"]
    assert not cell_sets([*by_seed([lucky]), recipes[-1]], "14")


def test_copies_are_counted(four):
    counts = offline_counts(by_seed(four)).set_index("dx")
    assert counts["copies"].to_dict() == dict(zip(CLASSES, (5, 4, 0, 6, 0, 0, 7), strict=True))
    assert counts.loc["df", "images"] == 115 - 4 - 4 and set(counts["target"]) == {2000}


def test_table_7_and_8(four):
    scored = by_seed(four)
    table = table_7(scored, 100).set_index("metric")
    assert table.loc["accuracy", "ours"] == pytest.approx(100 * 26 / 28)
    assert table.loc["recall", "ours"] == pytest.approx(100 * (6 + 0.5) / 7)
    assert table.loc["precision", "ours"] == pytest.approx(100 * (6 + 4 / 6) / 7)  # mel is called six times
    assert table.loc["accuracy", "published"] == 95.21 and np.isnan(table.loc["ece", "published"])
    assert (table["low"] <= table["ours"]).all() and (table["ours"] <= table["high"]).all()
    rows_8 = table_8(scored, 100).set_index("dx")
    df = rows_8.loc["df"]
    assert (df["recall"], df["equation_5"]) == (50, pytest.approx(100 * 26 / 28))
    assert (df["acc_published"], df["recall_published"], df["support"]) == (81.82, 81.82, 4)
    assert (df["recall_low"], df["recall_high"]) == (0, 100)  # one of its two lesions is right
    shown_8 = shown_table_8(rows_8.reset_index()).set_index("dx")
    assert shown_8.loc[["vasc", "df"], "f1_published"].tolist() == ["96.55 (printed 99.90)", "90.0"]
    told = findings.per_class_accuracy()
    assert "equals recall in 6 of 7 rows" in told and "Acc of vasc as 100.0 (printed 98.96)" in told


def test_table_9_and_the_effect_of_each_phase(four):
    scored = by_seed(four)
    table = ablation_table(scored, "9", 200)
    assert table["row"].tolist() == ["base", "offline", "online", "proposed"]
    assert table["accuracy"].tolist() == pytest.approx([100 * n / 28 for n in (21, 24, 24, 26)])
    assert table["accuracy_published"].tolist() == [92.81, 93.71, 93.61, 95.21]
    assert set(table["deviations"]) == {""}  # each row's own settings are no deviation from it
    frame = phase_effects(scored, 100)
    effects = frame.set_index(["contrast", "metric"])
    both = effects.loc[("both phases", "accuracy")]
    assert both["difference"] == pytest.approx(100 * 5 / 28) and both["published"] == pytest.approx(2.4)
    assert both["low"] <= both["difference"] <= both["high"]
    named = phase_groups(cell_sets(scored, "9")[0])
    assert {name: group.labels()["model"] for name, group in named.items()} == {name: name for name in CELLS}
    assert named["base"].spec == scored[0].spec
    alone = effects.loc[("offline phase alone", "accuracy"), "difference"]
    beside = effects.loc[("offline phase beside the online one", "accuracy"), "difference"]
    assert (alone, beside) == (pytest.approx(100 * 3 / 28), pytest.approx(100 * 2 / 28))
    per_class = class_effects(scored, 100)
    classes = per_class.set_index("dx")
    assert classes.loc["df", "difference"] == -25 and classes.loc["nv", "difference"] == 25
    shown = shown_effects(frame).set_index("contrast").loc["both phases"]
    assert shown["accuracy"].startswith("+17.9 [") and shown["accuracy printed"] > 2
    assert "both phases" in findings.phases_told(frame, "accuracy")
    rare = findings.rare(per_class)
    assert "*akiec* +25.0 points [+0.0, +50.0] (4 images)" in rare and "*bcc*" in rare and "*nv*" not in rare


def test_copies_are_told_from_the_steps_that_they_add(tmp_path, four):
    longer = make_spec(CELLS["base"]).model_copy(update={"epochs": 150})
    frame = phase_effects(by_seed([*four, run(tmp_path, longer, (0, 4, 8, 12, 13))]), 100)
    steps = frame[frame["metric"] == "accuracy"].set_index("contrast").loc[list(STEPS.values())]
    # Four wrong against five, and two.
    assert steps["difference"].tolist() == pytest.approx([100 / 28, 300 / 28]) and steps["published"].isna().all()
    told = findings.on_second(frame)
    assert told.startswith("**On ConvNeXt-Tiny, fine-tuned, 384 px** (1 draw): both phases +17.9 points [")
    assert "alone" not in told and "  " not in told
    assert f"of balanced accuracy; {STEPS['proposed']} +10.7 points [" in told
    assert "longer" not in findings.on_second(phase_effects(by_seed(four), 100))


def test_the_constant_answer_stands_above_the_rows(four):
    recipes = by_seed(four)
    table = ablation_table(recipes, "9", 20)
    shown = shown_ablation(table, by_draw(recipes), 20)
    assert shown["model"].tolist()[1:] == ["no phase", "offline phase", "online phase", "both phases"]
    assert shown["model"].iloc[0].startswith("always ") and "the paper prints 95.2 %" in findings.level(table, shown)


def test_differences_are_paired_over_lesions_and_common_seeds(tmp_path):
    base = [run(tmp_path, make_spec(CELLS["base"], seed=s), (0, 1)) for s in (0, 1, 2)]
    whole = [run(tmp_path, make_spec(seed=s), wrong) for s, wrong in ((2, (0, 1, 2)), (1, ()))]
    first, second = by_draw(by_seed([*whole, *base]))
    found = compared(first, second, functools.partial(of_run, name="accuracy", repeats=400))
    assert found["draws"] == 2 and found["difference"] == pytest.approx(100 * (2 - 1) / 2 / 28)
    assert found["sd"] == pytest.approx(100 * np.std([2 / 28, -1 / 28], ddof=1))
    assert found["interval_of"] == "these networks"
    # By hand: image 0 and 1 (one lesion) are right in one of two seeds more, image 2 in one less.
    gain = mean_of([0.5, 0.5, -0.5, *[0] * 25], first.first.arrays("test")[2], Plan(400))
    assert (found["low"], found["high"]) == pytest.approx(tuple(100 * b for b in gain.interval()))


def test_draws_of_the_split_stand_in_one_row(tmp_path):
    def draw(seed, *changes):
        return make_spec(*changes, {"split": {"seed": seed}}, seed=seed)

    base = [run(tmp_path, draw(s, CELLS["base"]), range(s + 2)) for s in range(3)]
    recipes = by_seed([*base, *(run(tmp_path, draw(s), range(1)) for s in range(3))])
    table, effects = ablation_table(recipes, "9", 100), phase_effects(recipes, 100).set_index("metric")
    assert table["row"].tolist() == ["base", "proposed"] and table["draws"].tolist() == [3, 3]
    assert table["accuracy"].tolist() == pytest.approx([100 * 25 / 28, 100 * 27 / 28])
    row = effects.loc["accuracy"]
    assert row["difference"] == pytest.approx(100 * 2 / 28) and row["interval_of"] == "the recipe"


def test_splits_are_compared_within_a_recipe(tmp_path, four):
    grouped = [run(tmp_path, make_spec(CELLS["base"], split="ham10000-lesion"), range(0, 28, 2))]
    table = split_effects(by_seed([*four, *grouped]), 200)
    assert set(table["cell"]) == {"base"}
    accuracy = table.set_index("metric").loc["accuracy"]
    assert accuracy["difference"] == pytest.approx(100 * 7 / 28)
    assert accuracy["low"] < accuracy["difference"] < accuracy["high"]
    assert shown_splits(table.assign(label_smoothing=0.0))["phase"].tolist() == ["no phase, no label smoothing"] * 2


def test_measured_values_meet_the_published_ones(tmp_path, four, monkeypatch):
    monkeypatch.setattr("lib.records.seeds.learned", lambda record: True)  # the fakes validate on too few images
    found = compare_all({paper.PAPER: four}, 50).set_index("published_id")
    assert found.index.is_unique
    assert len(found) == 6 + 7 * 6 + 1 + 4 * 6
    assert set(found["verdict"]) <= {"reproduced", "not reproduced", "undecided"}  # nothing deviates
    row = found.loc["table8.df.accuracy"]
    assert row["ours"] == 50 and row["difference"] == pytest.approx(50 - 81.82)
    assert found.loc["curves.accuracy.peak", "ours"] == 0.75
    reduced = [run(tmp_path, make_spec(CELLS[n], {"image_size": 64, "augmentation": {"random_crop": 75}})) for n in
               ("base", "proposed")]  # fmt: skip
    table = compare_all({paper.PAPER: reduced}, 20)
    assert set(table["deviations"]) == {"64 px, not 384"} and set(table["verdict"]) == {"not testable"}


def test_every_row_of_the_grid_is_a_published_one_and_the_papers_runs_deviate_in_nothing():
    ids = set(load_published(paper.PAPER)["id"])
    assert all(f"{row}.accuracy" in ids for row in ROWS)
    planned = {p: planned_runs(paper.PAPER, p) for p in ("gpu", "p100", "cpu", "smoke")}
    table_9 = [r for r in planned["gpu"] if r.batch == "table9"]
    for r in table_9:
        row = ROWS[f"table9.{phase(r.spec)}"]
        assert deviations(paper.PAPER, r.paper_model, r.spec, row) == ""
    assert len(table_9) == 4 * 2 * 3
    assert [len(planned[p]) for p in ("gpu", "p100", "cpu")] == [37, 8, 57]
    for profile in ("p100", "cpu", "smoke"):
        assert all(deviations(paper.PAPER, r.paper_model, r.spec) for r in planned[profile])


def test_supports_other_than_table_2s_are_refused(tmp_path):
    """The record's training counts follow from the data set's."""
    wrong = by_seed([run(tmp_path, make_spec())])
    with pytest.raises(StudyError, match=r"319 akiec images in train, not the paper's 262"):
        table_2(wrong)


def test_published_tables():
    last, noise = printed_table(paper.PAPER, "table9").iloc[3], printed_table(paper.PAPER, "table3").loc[5]
    assert last.tolist() == ["Proposed Method", "95.21", "93.89", "89.87", "98.62", "91.60", "98.98"]
    assert noise.tolist() == ["Gauss Noise", "var=10, 50, p=0.5"]


def test_figures_are_drawn(four):
    scored = by_seed(four)
    curves = figures.ablation_curves(cell_sets(scored, "9")[0])
    assert [ax.get_title(loc="left").split(",")[0] for ax in curves.axes[::2]] == list(figures.NAMES.values())
    chart = figures.effect_chart(phase_effects(scored, 100))
    assert len(chart.axes) == 3 and "Figure" not in chart.get_label()
    table = ablation_table(scored, "9", 20)
    for backbones, said in ((table["backbone"], "ConvNeXt-Tiny, "), ([*"abcd"], "4 networks, ")):
        (ax,) = figures.ablation_chart({"12": table.assign(backbone=backbones)}, scored).axes
        assert f"\n{said}" in ax.get_title(loc="left")


def test_augmentation_samples_are_stored_and_drawn(tmp_path):
    from lib.papers.abdulqader2026.pictures import TILE, augmentation_samples

    spec = planned_runs(paper.PAPER, "smoke")[0].spec
    stored = augmentation_samples(notebook(tmp_path, train_missing=True), spec)
    tiles = stored.table("tiles")
    assert stored.picture("picture").shape == (2 * TILE, TILE * len(tiles), 3) and len(tiles) == 1 + 10 + 1 + 2
    first = stored.picture("picture")[:, :TILE]
    for other in np.hsplit(stored.picture("picture"), len(tiles))[1:]:
        assert (other != first).any()
    assert figures.transform_samples(stored).get_label()
