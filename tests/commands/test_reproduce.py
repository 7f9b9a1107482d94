"""The workflow: one worker per checkout, what a terminal shows, and equal tables after kills at random moments."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from lib.commands.reproduce import show, sole_worker
from lib.core.errors import StudyError
from lib.core.paths import REPO
from tests.fakes.small_study import small_study

HOLD = """
import subprocess, sys, time
from pathlib import Path
from lib.commands.reproduce import sole_worker
with sole_worker(Path(sys.argv[1])) as lock:
    child = subprocess.Popen(["sleep", "60"], pass_fds=[lock], stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def test_the_lock_lives_as_long_as_somebody_works(tmp_path):
    file = tmp_path / "state" / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, file], cwd=REPO, stdout=subprocess.PIPE, text=True)
    heir = int(holder.stdout.readline())

    def refused():
        said = rf"^process {holder.pid} \(since .*\) works in this checkout already"
        with pytest.raises(StudyError, match=said), sole_worker(file):
            pass

    refused()
    holder.kill()
    holder.wait()
    refused()
    os.kill(heir, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # the heir is no child of this process: its end cannot be waited for
        try:
            with sole_worker(file):
                return
        except StudyError:
            time.sleep(0.05)
    pytest.fail("the lock outlived its holders")


def test_a_line_for_each_run_notebook_and_error(tmp_path, capsys):
    said = [
        "Building DAG of jobs...\n",
        "a-run · epoch 1/2 · train loss 0.1\n",
        "[1/2] a-run: test accuracy 0.5\n",
        "[IPKernelApp] WARNING | Kernel is running over TCP without encryption.\n",
        "KeyboardInterrupt\n",
        "[1/8] another-run: test accuracy 0.6\n",
        "00_data: 3 tables, 2 figures, 1.5 s\n",
    ]
    log = tmp_path / "log"
    assert show(iter(said), log, 3) is False
    shown = ["[1/3] a-run: test accuracy 0.5", "[2/3] another-run: test accuracy 0.6", said[-1].strip()]
    assert capsys.readouterr().out.splitlines() == shown
    assert log.read_text() == "".join(said)
    assert show(iter(["error: no data: fetch them.\n"]), log, 0) is True


def start(folder, environment):
    return subprocess.Popen(
        [sys.executable, "-m", "lib", "reproduce", "--cores", "1"], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


@pytest.mark.slow
def test_kills_at_random_moments_change_no_table(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    environments = {folder: small_study(folder) for folder in (whole, killed)}
    began = time.monotonic()
    process = start(whole, environments[whole])
    said, _ = process.communicate()
    assert process.returncode == 0 and "[2/2]" in said and "00_small: 1 tables" in said, said
    lasted = time.monotonic() - began
    moments = random.Random(1)
    for _ in range(2):
        process = start(killed, environments[killed])
        time.sleep(moments.uniform(0.25, 0.6) * lasted)  # training takes place between a third and a half
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    said, _ = (process := start(killed, environments[killed])).communicate()
    assert process.returncode == 0, said
    tables = [pd.read_csv(f / "results" / "smoke" / "tables" / "00_small" / "histories.csv") for f in (whole, killed)]
    pd.testing.assert_frame_equal(*tables)
    done = json.loads((killed / "results" / "smoke" / "done" / "00_small.json").read_text())
    assert done["tables"] == ["tables/00_small/histories.csv"]
