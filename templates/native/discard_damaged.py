"""Forgets each package whose files are not all there as its wheel had them, so that the installer brings it again.

pip and uv take a package for installed as soon as its metadata is there, also when a kill or a full disk cut it short.
Called with the folder of the packages, and that of uv's cache, where each package has a folder of its own.
"""

import base64
import csv
import hashlib
import shutil
import sys
from pathlib import Path


def is_whole(site: Path, record: Path) -> bool:
    try:
        with record.open(newline="", encoding="utf-8") as rows:
            return all(is_as_recorded(site / name, digest) for name, digest, *_ in csv.reader(rows))
    except (OSError, ValueError):
        return False


def is_as_recorded(file: Path, digest: str) -> bool:
    if not digest:
        return True
    name, _, wanted = digest.partition("=")
    found = hashlib.new(name, file.read_bytes()).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == wanted


def discard_damaged(site: Path) -> None:
    for info in site.glob("*.dist-info"):
        if not is_whole(site, info / "RECORD"):
            print(f"{info.name} is damaged", file=sys.stderr)
            shutil.rmtree(info)


discard_damaged(Path(sys.argv[1]))
for folder in Path(sys.argv[2]).glob("archive-v*/*") if len(sys.argv) > 2 else []:
    # Of one that it finds incomplete uv would make a package.
    if not all(is_whole(folder, info / "RECORD") for info in folder.glob("*.dist-info")):
        shutil.rmtree(folder)
