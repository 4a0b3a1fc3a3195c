"""Sources of results: a folder, a scale, or a commit of the repository that one works in."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tnas_bench.config import CONFIG, Scale, load_scale
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import CARD

MOST_BYTES = 100_000_000  # of a file of results in a commit
KEPT = (CARD, "trials.parquet", "steps.parquet")


@dataclass(frozen=True)
class Source:
    """Where results lie, usually ``<somewhere>/results/<scale>``; ``config``: the scale's file as it was then."""

    folder: Path
    config: Path | None = None

    def verdicts(self) -> dict[str, str]:
        """The verdict on each claim, judged anew; none where the folder is not laid out as those of a scale."""
        from tnas_bench.claims.ledger import ledger

        if self.folder.parent.name != "results" or not (CONFIG / f"{self.folder.name}.yaml").exists():
            return {}
        scale, root = self._scale(), self.folder.absolute().parent.parent
        with chdir(root):  # results are found below the working folder
            judged = ledger(scale)
        return dict(zip(judged["id"], judged["verdict"], strict=True))

    def _scale(self) -> Scale:
        """As it was, where this version can still read it; else as it is."""
        name = self.folder.name
        try:
            return load_scale(str(self.config)).model_copy(update={"name": name}) if self.config else load_scale(name)
        except UserError:
            return load_scale(name)


def scale_of(text: str) -> str | None:
    """The scale that a folder, a scale's name or COMMIT:FOLDER speaks of."""
    path = PurePosixPath(text.partition(":")[2] or text)
    if path.parent.name == "results":
        return path.name
    return text if (CONFIG / f"{text}.yaml").exists() else None


@contextmanager
def source(text: str, scale: str | None) -> Iterator[Source]:
    """What ``text`` names; a commit alone: its results at ``scale``. UserError if there is no such thing."""
    if Path(text).is_dir():
        yield Source(Path(text).resolve())
    elif (CONFIG / f"{text}.yaml").exists():
        yield Source(Path("results", text).resolve())
    else:
        commit, _, path = text.partition(":")
        if not (path := path or (f"results/{scale}" if scale else "")):
            raise UserError(f"{text}: no folder, no scale; of a commit, give COMMIT:results/SCALE")
        with TemporaryDirectory(prefix="tnas-bench-compare-") as aside:
            yield _unpacked(commit, path.rstrip("/"), Path(aside))


def _unpacked(commit: str, path: str, aside: Path) -> Source:
    """Sealed files of a commit, and the scale's file, put aside."""
    folder = aside / "results" / PurePosixPath(path).name
    tree = _git("rev-parse", "--verify", "--end-of-options", f"{commit}:{path}").decode().strip()
    if _git("cat-file", "-t", tree).strip() != b"tree":
        raise UserError(f"{commit}:{path}: is a file; name a folder of results, as in COMMIT:results/SCALE")
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", tree))) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if member.size > MOST_BYTES or ".." in name.parts or name.is_absolute():
                raise UserError(f"{commit}:{path}/{member.name}: is no file of results; leave it out of the commit")
            if member.isfile() and name.name in KEPT:
                (folder / name.parent).mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(archive.extractfile(member).read())
    config = aside / "then.yaml"
    try:
        config.write_bytes(_git("show", "--end-of-options", f"{commit}:workflow/config/{folder.name}.yaml"))
    except UserError:
        return Source(folder)
    return Source(folder, config)


def _git(*arguments: str) -> bytes:
    try:
        top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True, text=True).stdout
        return subprocess.run(["git", *arguments], capture_output=True, check=True, cwd=top.strip()).stdout
    except (OSError, subprocess.CalledProcessError):
        told = "git knows no such commit or folder here; give a folder, a scale, or COMMIT:results/SCALE"
        raise UserError(f"{arguments[-1]}: {told}") from None
