"""The study as a workflow: missing runs first, then the notebooks that show them.

    snakemake --cores all --config profile=smoke
    snakemake --cores all --config profile=gpu only=02 --resources gpu=1
    snakemake --profile profiles/slurm --config profile=gpu runs_per_job=4

Run records are no outputs of a rule, so that Snakemake never deletes one: a job leaves a flag file.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, workflow.basedir)
from lib.records.jobs import missing_jobs, notebooks, results_folder, stored_records

PROFILE = config.get("profile", "smoke")
CHOSEN = notebooks(str(config.get("only") or ""))
RESULTS = os.path.relpath(results_folder(PROFILE))
# Small runs share a process, since starting one costs more than training; long ones get their own.
RUNS_PER_JOB = int(config.get("runs_per_job", 16 if PROFILE == "smoke" else 1))
JOBS = {paper: missing_jobs(paper, PROFILE, RUNS_PER_JOB) for papers in CHOSEN.values() for paper in papers}
CODE = sorted(str(p) for p in Path("lib").rglob("*.py"))
PUBLISHED = sorted(str(p) for p in Path("params/papers").glob("*/published.yaml"))


rule all:
    input:
        [f"{RESULTS}/html/{name}.html" for name in CHOSEN],


for job in [job for jobs in JOBS.values() for job in jobs]:

    rule:
        name:
            f"runs-{job.name}"
        output:
            touch(f"{RESULTS}/jobs/{job.name}.done"),
        params:
            paper=job.paper,
            ids=" ".join(job.run_ids),
        # On a cluster a training and its workers get eight cores; --set-threads says otherwise.
        threads: 1 if PROFILE == "smoke" else workflow.cores or 8
        resources:
            **({} if PROFILE in ("smoke", "cpu") else {"gpu": 1}),
        shell:
            "OMP_NUM_THREADS={threads} {sys.executable:q} -m lib run {params.paper} --profile {PROFILE}"
            " --results {RESULTS} --ids {params.ids}"


for name, papers in CHOSEN.items():

    rule:
        name:
            f"notebook-{name}"
        input:
            notebook=f"notebooks/{name}.ipynb",
            parameters=f"params/{PROFILE}.yaml",
            grids=[str(f) for paper in papers for f in Path("params").glob(f"*/{paper}/runs.yaml")],
            published=PUBLISHED,
            records=[str(os.path.relpath(r)) for paper in papers for r in stored_records(paper, PROFILE)],
            jobs=[f"{RESULTS}/jobs/{job.name}.done" for paper in papers for job in JOBS[paper]],
            code=CODE,
        output:
            done=f"{RESULTS}/done/{name}.json",
            html=f"{RESULTS}/html/{name}.html",
            notebook=f"{RESULTS}/notebooks/{name}.ipynb",
        params:
            name=name,
        threads: 1
        shell:
            "{sys.executable:q} -m lib notebook {params.name} --profile {PROFILE}"
