"""Run card: the code, the libraries and the machine that a study was finished with."""

import hashlib
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from tnas_bench import __version__

PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parent
LIBRARIES = ("torch", "numpy", "pandas", "pyarrow")


def describe_run() -> dict:
    """Commit, versions and machine. ``commit`` and ``dirty`` are None where the package is not in its repository."""
    commit = _git("rev-parse", "HEAD")
    dirty = bool(_git("status", "--porcelain", "--untracked-files=no")) if commit else None
    return {"commit": commit, "dirty": dirty, **describe_machine()}


def describe_machine() -> dict:
    """Versions, and what computes."""
    import torch

    return {
        "versions": versions(),
        "cpu": _cpu(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "threads": torch.get_num_threads(),
    }


def versions() -> dict[str, str]:
    """Of this package, of Python, and of the libraries that numbers depend on."""
    ours = {"tnas_bench": __version__, "python": platform.python_version()}
    return ours | {library: version(library) for library in LIBRARIES}


def code() -> str:
    """Names the source files of the package, as they are on the disk."""
    files = sorted(PACKAGE.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _git(*arguments: str) -> str | None:
    if not (REPOSITORY / ".git").exists():  # an installed copy may lie inside some other repository
        return None
    command = ["git", "--no-optional-locks", "-C", str(REPOSITORY), *arguments]  # no locks: other studies ask too
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
