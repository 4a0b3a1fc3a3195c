"""The workflow at its tiny scale, run in a folder of its own, and what two runs of it must have in common."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
ENVIRONMENT.pop("TNAS_DATA_MIRROR", None)
# Nothing here may need a network: pip is told that there is no index, and everything else that there is a dead proxy.
ENVIRONMENT |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
ENVIRONMENT |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
PASSING = ("seconds", "median_seconds", "sealed", "commit", "dirty")  # of a run card: times, and the state of the code


def snakemake(*arguments):
    """The command, with the settings of the default profile."""
    profile = ["--workflow-profile", ROOT / "workflow/profiles/default"]
    return ["snakemake", "--snakefile", ROOT / "Snakefile", *profile, *arguments]


def call(command, folder, **environment):
    """A command's finished process, in a folder."""
    variables = ENVIRONMENT | environment
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)


def run(folder, *arguments, before=(), **environment):
    """The plain command in a folder, to its good end; ``before``: what it is run by."""
    done = call([*before, *snakemake(*arguments, "--config", "scale=tiny")], folder, **environment)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def left(folder):
    """All that a run left to be kept, by path: hashes of files, and of run cards and the page what is no time."""
    files = [file for part in ("results", "reports") for file in sorted((folder / part).rglob("*")) if file.is_file()]
    kept = [file for file in files if file.suffix not in (".log", ".lock") and file.name != "timings.jsonl"]
    return {str(file.relative_to(folder)): _without_times(file) for file in kept}


def _without_times(file):
    content = file.read_bytes()
    if file.name == "runcard.json":
        return {key: value for key, value in json.loads(content).items() if key not in PASSING}
    if file.name == "index.html":  # the page shows all facts of the run cards, and what their times sum up to
        content = re.sub(rb"<dt>(%s)</dt><dd>.*?</dd>" % "|".join(PASSING).encode(), b"", content)
        content = re.sub(rb'<section id="time">.*?</section>', b"", content, flags=re.DOTALL)
    return hashlib.sha256(content).hexdigest()
