"""The study on a cluster: a SLURM of one node, where its programs are installed, and the form of a Kubernetes job."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from lib.core.paths import REPO
from tests.fakes.small_study import small_study

CONF = """
ClusterName=test
SlurmctldHost={host}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
NodeName={host} CPUs=2 RealMemory=64000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


@pytest.fixture
def cluster(tmp_path_factory):
    """A running SLURM of this machine alone."""
    for program in ("munged", "slurmctld", "slurmd", "sbatch", "squeue"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    pytest.importorskip("snakemake_executor_plugin_slurm")
    # The plugin's job step forgets SLURM_CONF, so that the file must lie where srun looks for it.
    conf = Path("/etc/slurm/slurm.conf")
    if os.geteuid() or conf.exists():
        pytest.skip("SLURM's programs are started as root, where no SLURM is set up")
    folder = tmp_path_factory.mktemp("slurm")
    (folder / "key").write_bytes(os.urandom(128))
    (folder / "key").chmod(0o400)
    host = socket.gethostname().split(".")[0]
    conf.parent.mkdir(exist_ok=True)
    conf.write_text(CONF.format(host=host, folder=folder, ports=free_ports(2)))
    files = {"socket": "munge.socket", "key-file": "key", "pid-file": "munge.pid", "log-file": "munge.log",
             "seed-file": "seed"}  # fmt: skip
    commands = (
        ["munged", "--foreground", "--force", *(f"--{name}={folder / file}" for name, file in files.items())],
        ["slurmctld", "-D", "-i", "-L", folder / "slurmctld.log"],
        ["slurmd", "-D", "-L", folder / "slurmd.log"],
    )
    running = []
    try:
        for command in commands:
            running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            time.sleep(3)
        deadline = time.monotonic() + 60
        while "idle" not in (seen := subprocess.run(["sinfo"], capture_output=True, text=True).stdout):
            assert time.monotonic() < deadline, f"no node is idle: {seen}"
            time.sleep(1)
        print(seen)
        yield
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()
        conf.unlink()


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_the_profile_for_slurm_runs_a_study(tmp_path):
    environment = small_study(tmp_path)
    command = [sys.executable, "-m", "snakemake", "--profile", "profiles/slurm", "--config", "profile=smoke"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "SLURM job" in done.stderr
    assert len(list((tmp_path / "results" / "smoke" / "runs").iterdir())) == 2
    assert (tmp_path / "results" / "smoke" / "html" / "00_small.html").is_file()


def test_the_job_for_kubernetes_has_its_form():
    kubernetes = pytest.importorskip("kubernetes", reason="its client describes the form")
    job = yaml.safe_load((REPO / "profiles" / "kubernetes" / "job.yaml").read_text())
    client = kubernetes.client.ApiClient()
    parsed = client._ApiClient__deserialize(job, "V1Job")  # drops what the form does not know
    assert client.sanitize_for_serialization(parsed) == job


def test_the_job_for_kubernetes_runs_every_share():
    spec = yaml.safe_load((REPO / "profiles" / "kubernetes" / "job.yaml").read_text())["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert f"--part $JOB_COMPLETION_INDEX/{spec['completions']}" in container["command"][-1]
    assert spec["completionMode"] == "Indexed"
