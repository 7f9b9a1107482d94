"""Claims: well-formed, quoted from the texts, fixed since their commit; and the rules of verdict."""

import csv
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.published.claims import OUTSIDE, Claim, load_claims, papers_with_claims
from lib.published.claims_rules import EVIDENCE, VERDICTS, arithmetic_verdict, verdict
from lib.published.schema import read_paper
from lib.published.values import FOLDER, published_papers

RULE = ("kind", "predicts", "contrast", "smallest_effect", "given")
ALL = [*papers_with_claims(), "outside"]
CLAIM = {
    "id": "made_up",
    "where": "Table 1",
    "quote": "it helps",
    "says": "It helps.",
    "kind": "direction",
    "predicts": {"sign": "higher", "points": 3.0},
    "contrast": {
        "measure": "accuracy",
        "population": {"splits": ["ham10000-image"]},
        "first": {"offline": {"not": None}, "mixing.mixup": 0.0},
        "second": [{"offline": None, "mixing.mixup": 0.0}],
    },
    "smallest_effect": {"points": 1.0, "reason": "made up"},
    "needs": {"what": "nothing", "gpu_hours": 0},
}


def claim(sign: str = "higher", points: float | None = 3.0, **changes) -> Claim:
    return Claim.model_validate(CLAIM | {"predicts": {"sign": sign, "points": points}} | changes)


# ---- the files -----------------------------------------------------------------------------------------------------


def test_every_paper_has_claims():
    assert papers_with_claims() == published_papers()
    assert all(load_claims(paper) for paper in ALL)


@pytest.mark.parametrize("paper", papers_with_claims())
def test_every_quote_stands_in_the_text(paper):
    folder = os.environ.get("DERM_PAPERS")
    if not folder:
        pytest.skip("paper texts absent: set DERM_PAPERS to the folder that holds them")
    texts = [Path(folder, name).read_text(encoding="utf-8") for name in read_paper(paper, FOLDER).texts]
    text = " ".join(" ".join(texts).split())
    assert [c.id for c in load_claims(paper) if " ".join(c.quote.split()) not in text] == []


@pytest.mark.parametrize("paper", papers_with_claims())
def test_every_check_named_is_among_the_audits_findings(paper):
    file = REPO / "results" / "tables" / "01_published_numbers_audit" / "audit_findings.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        found = {(row["item"], row["check"]) for row in csv.DictReader(lines) if row["paper"] == paper}
    named = {(check.item, check.check) for c in load_claims(paper) for check in c.contrast.audit}
    assert named - found == set()


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no git history here: {done.stderr.strip()}")
    return done.stdout


def rules(text: str) -> dict[str, dict]:
    return {c["id"]: {key: c.get(key) for key in RULE} for c in yaml.safe_load(text)["claims"]}


def unannounced(versions: list[str]) -> list[str]:
    """Ids whose rule changed, appeared or went more often than their ``changed`` entries say, oldest version first."""
    each = [rules(text) for text in versions]
    entries = {c["id"]: len(c.get("changed", [])) for c in yaml.safe_load(versions[-1])["claims"]}
    ids = {ident: None for version in each for ident in version}
    changes = {i: sum(a.get(i) != b.get(i) for a, b in pairwise(each)) for i in ids}
    return [ident for ident, n in changes.items() if n > entries.get(ident, 0)]


@pytest.mark.parametrize("file", [*(FOLDER / paper / "claims.yaml" for paper in papers_with_claims()), OUTSIDE])
def test_rules_are_those_of_the_commit_that_introduced_them(file):
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("a shallow clone does not hold the commit that introduced the claims")
    path = file.relative_to(REPO).as_posix()
    commits = git("log", "--reverse", "--format=%H", "--", path).split()
    if not commits:
        pytest.skip(f"{path} is not committed yet")
    assert unannounced([*(git("show", f"{commit}:{path}") for commit in commits), file.read_text("utf-8")]) == []


def test_a_changed_rule_needs_an_entry():
    first = yaml.safe_dump({"claims": [CLAIM]})
    moved = CLAIM | {"smallest_effect": {"points": 2.0, "reason": "made up"}}
    entry = {"changed": [{"date": "2026-01-01", "what": "w", "why": "w"}]}
    assert unannounced([first, yaml.safe_dump({"claims": [CLAIM | {"says": "In other words."}]})]) == []
    assert unannounced([first, yaml.safe_dump({"claims": [moved]})]) == ["made_up"]
    assert unannounced([first, yaml.safe_dump({"claims": [moved | entry]})]) == []
    assert unannounced([first, yaml.safe_dump({"claims": [moved | entry]}), first]) == ["made_up"]  # and back
    assert unannounced([first, yaml.safe_dump({"claims": []})]) == ["made_up"]
    added = [CLAIM, CLAIM | {"id": "later"}]
    assert unannounced([first, yaml.safe_dump({"claims": added})]) == ["later"]


# ---- the schema ----------------------------------------------------------------------------------------------------


def load(folder: Path, *claims: dict, paper: str = "made_up") -> list[Claim]:
    (folder / "made_up").mkdir()
    (folder / "made_up" / "claims.yaml").write_text(yaml.safe_dump({"paper": paper, "claims": list(claims)}))
    return load_claims("made_up", folder)


def contrast(**changes) -> dict:
    return CLAIM | {"contrast": CLAIM["contrast"] | changes}


def test_a_claim_is_read(tmp_path):
    (read,) = load(tmp_path, CLAIM)
    assert read.contrast.first["offline"].value is None
    assert read.contrast.population.subsets == ["test"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (CLAIM | {"remark": "x"}, "remark: Extra inputs"),
        (CLAIM | {"quote": "word " * 26}, "at most 25 words, this one 26"),
        ({k: v for k, v in CLAIM.items() if k != "smallest_effect"}, "smallest_effect: Field required"),
        (CLAIM | {"smallest_effect": {"points": 0.0, "reason": "r"}}, "greater than 0"),
        (CLAIM | {"smallest_effect": {"points": "1", "reason": "r"}}, "valid number"),
        (CLAIM | {"id": "claim_7"}, "id: String should match"),
        (CLAIM | {"kind": "guess"}, "kind: Input should be"),
        (contrast(measure="acuracy"), "did you mean 'accuracy'"),
        (contrast(first={"mixing.mixin": 0.1}), "did you mean 'mixing.mixup'"),
        (contrast(may_differ=["paper_model"]), "unknown field of a run"),
        (contrast(population={"splits": ["ham10000"]}), "unknown split"),
        (contrast(second=[]), "or none of them"),
        (contrast(dx=["mel"]), "dx names the classes"),
        (CLAIM | {"contrast": {}}, "two sides, or checks of the audit"),
    ],
)
def test_a_wrong_claim_is_refused_in_one_sentence(tmp_path, wrong, message):
    with pytest.raises(StudyError) as error:
        load(tmp_path, wrong)
    assert message in str(error.value)
    assert "made_up/claims.yaml" in str(error.value) and "\n" not in str(error.value)


def test_ids_are_unique_and_papers_known(tmp_path):
    with pytest.raises(StudyError, match="made_up: this id occurs more than once"):
        load(tmp_path, CLAIM, CLAIM)
    with pytest.raises(StudyError, match="did you mean 'made_up'"):
        load_claims("made_upp", tmp_path)


def test_the_file_names_its_paper(tmp_path):
    with pytest.raises(StudyError, match="it must be 'made_up'"):
        load(tmp_path, CLAIM, paper="other")


# ---- the verdict ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 1.0, "supported"),
        (0.1, 0.9, "no effect of that size"),  # there is one, but it does not matter
        (2.0, 5.0, "supported"),
        (-3.0, -0.1, "contradicted"),
        (-0.3, -0.1, "contradicted"),  # small, yet on the other side
        (-0.9, 0.9, "no effect of that size"),
        (-1.0, 0.9, "no effect of that size"),  # wholly below the published 3
        (-4.0, 2.9, "no effect of that size"),
        (0.0, 2.9, "no effect of that size"),
        (-4.0, 3.0, "undecided"),
        (-0.9, 1.0, "no effect of that size"),
        (0.0, 3.0, "undecided"),
        (0.0, 0.0, "no effect of that size"),
    ],
)
def test_higher_and_its_mirror(low, high, expected):
    middle = (low + high) / 2
    assert verdict(middle, low, high, claim()) == expected
    assert verdict(-middle, -high, -low, claim("lower", -3.0)) == expected


@pytest.mark.parametrize(
    ("rule", "low", "high", "expected"),
    [
        # without a published size only equivalence shows absence
        (("higher", None), -1.0, 0.9, "undecided"),
        (("higher", None), -0.9, 1.0, "undecided"),
        (("higher", None), -0.9, 0.9, "no effect of that size"),
        (("higher", None), -4.0, 2.9, "undecided"),
        # a table may contradict its text: then nothing lies between 0 and the published size
        (("higher", -0.3), -4.0, 2.0, "undecided"),
        # the smallest effect is let pass
        (("not lower", None), -0.9, 5.0, "supported"),
        (("not lower", None), 2.0, 5.0, "supported"),
        (("not lower", None), -1.0, 5.0, "undecided"),
        (("not lower", None), -3.0, -1.0, "undecided"),
        (("not lower", None), -3.0, -1.1, "contradicted"),
    ],
)
def test_other_rules(rule, low, high, expected):
    assert verdict((low + high) / 2, low, high, claim(*rule)) == expected


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_without_a_number_it_was_not_run(missing):
    for numbers in ((missing, 0.5, 1.5), (1.0, missing, 1.5), (1.0, 0.5, missing)):
        assert verdict(*numbers, claim()) == "not run"


def test_a_level_is_judged_by_direct_evidence_alone():
    level = claim(kind="level")
    assert verdict(-10, -12, -8, level) == "contradicted"
    assert {verdict(-10, -12, -8, level, kind) for kind in EVIDENCE[1:]} == {"not run"}
    with pytest.raises(StudyError, match="did you mean 'reduced'"):
        verdict(-10, -12, -8, level, "reduce")


def test_an_interval_the_wrong_way_round_is_refused():
    with pytest.raises(StudyError, match="not from 2 to 1"):
        verdict(1.5, 2, 1, claim())


def test_the_papers_own_numbers_exclude_more_than_they_support():
    arithmetic = claim(kind="arithmetic")
    assert arithmetic_verdict([], arithmetic) == "not run"
    assert arithmetic_verdict(["consistent", "inconsistent"], claim()) == "contradicted"
    assert arithmetic_verdict(["consistent"], claim()) == "undecided"
    assert arithmetic_verdict(["consistent"], arithmetic) == "supported"
    assert arithmetic_verdict(["consistent", "ambiguous"], arithmetic) == "undecided"


def test_every_verdict_is_one_of_the_five():
    given = {
        verdict(0, low, high, claim(sign))
        for sign in ("higher", "lower", "not lower")
        for low in (-5, -0.5, 0.5)
        for high in (-0.2, 0.7, 6)
        if low <= high
    }
    assert given | {verdict(None, None, None, claim())} == set(VERDICTS)
