"""A Slurm cluster of this machine alone: a controller and two nodes with pretended GPUs, for as long as a test lasts.

Everything lies in one folder. Its processes carry the folder's name in their environment, or write a log in it: so they
are found, and ended, whatever became of their parents. The daemons die with the test, too.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

OWNER = "TNAS_TEST_CLUSTER"
NODE = "SLURMD_NODENAME"  # Slurm sets it in jobs; here also in the daemon of a node
REAL = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "setpriv")
SETTINGS = """\
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/spool.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
SlurmdTimeout=10
KillWait=2
JobRequeue=0
MinJobAge=3600
GresTypes=gpu
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={n1} CPUs=2 RealMemory=16000 Gres=gpu:2
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={n2} CPUs=2 RealMemory=16000 Gres=gpu:2
PartitionName=cpu Nodes=ALL MaxTime=2-0
PartitionName=gpu Nodes=ALL MaxTime=2-0
"""


def obstacle() -> str | None:
    """Why there can be no cluster on this machine, in one line; None where there can."""
    if REAL.exists():
        return f"{REAL} exists: this machine has a Slurm of its own, which is left alone"
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        return f"there is no {', '.join(missing)}: on Debian, apt-get install slurm-wlm munge"
    if find_spec("snakemake_executor_plugin_slurm") is None:
        return "Snakemake's plugin for Slurm is not installed: pip install -e '.[slurm]'"
    if os.geteuid() != 0:
        return "the daemons of a cluster want to be started by root"
    return None


@dataclass(frozen=True)
class Cluster:
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Of all that belongs to it, and of the commands that ask it. The folder's ``bin`` comes first."""
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "SLURM_CONF": str(self.folder / "slurm.conf"), OWNER: str(self.folder)}

    def ask(self, *command: str) -> list[str]:
        """The lines that a command prints."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def kill(self, node: str) -> None:
        """End a node as a power cut would: its daemon, its jobs, and all that they have started."""
        end(lambda process: _is_of(process, self.folder, node))


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Both nodes are idle on entry; on leaving, all is ended."""
    made = Cluster(folder)
    _configure(folder)
    try:
        _munge(made)
        _start(made, "slurmctld", "-D", "-i")
        for node in ("n1", "n2"):
            _start(made, "slurmd", "-D", "-N", node, **{NODE: node})
        wait(lambda: set(made.ask("sinfo", "-h", "-N", "-t", "idle", "-o", "%N")) == {"n1", "n2"}, "nodes are not idle")
        yield made
    finally:
        end(lambda process: _is_of(process, folder))


def _configure(folder: Path) -> None:
    (folder / "state").mkdir(parents=True)
    ports = dict(zip(("controller", "n1", "n2"), _free_ports(3), strict=True))
    (folder / "slurm.conf").write_text(SETTINGS.format(folder=folder, **ports))
    gpus = [f"NodeName=n[1-2] Name=gpu File={device}\n" for device in ("/dev/null", "/dev/zero")]
    (folder / "gres.conf").write_text("".join(gpus))
    # Jobs drop SLURM_CONF, for a cluster has its settings in one place, before they call this one program.
    srun = folder / "bin/srun"
    srun.parent.mkdir()
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as opened:
        servers = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def _munge(made: Cluster) -> None:
    """Its own authentication, with its own key."""
    key = made.folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    files = [f"--{kind}-file={made.folder}/munge.{kind}" for kind in ("key", "pid", "log", "seed")]
    _start(made, "munged", "--foreground", "--force", f"--socket={made.folder}/munge.socket", *files)
    wait((made.folder / "munge.socket").exists, "munged does not listen")


def _start(made: Cluster, *command: str, **environment: str) -> None:
    """A daemon, in the foreground; it dies with this process."""
    with (made.folder / f"{command[0]}.out").open("ab") as output:
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            env=made.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def wait(until: Callable[[], object], otherwise: str, seconds: float = 30) -> None:
    """Wait for something; say what did not come."""
    end_of_patience = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end_of_patience, otherwise
        time.sleep(0.3)


def end(which: Callable[[psutil.Process], bool]) -> None:
    """Kill such processes, one by one, until there are none."""
    while found := [process for process in psutil.process_iter() if which(process)]:
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=5)


def _is_of(process: psutil.Process, folder: Path, node: str | None = None) -> bool:
    """Whether a process is of a cluster, and of one of its nodes. The processes that watch over jobs overwrite their
    environment, but have the log of their node open.
    """
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
        marked = environment.get(OWNER) == str(folder) and node in (None, environment.get(NODE))
        return marked or any(Path(file.path).match(f"{folder}/{node or '*'}.log") for file in process.open_files())
    except (psutil.Error, OSError):  # it is ending
        return False
