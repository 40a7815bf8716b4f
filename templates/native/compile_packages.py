"""Compiles the folders that a list names, by all cores; the rest is compiled by Python when it is first needed.

Called with the folder of the packages, a list of folders in it, and the one package that is wanted, or -NAME for all but it.
"""

import compileall
import concurrent.futures
import os
import sys
from pathlib import Path


def is_wanted(folder: str, package: str) -> bool:
    return (folder.split("/")[0] == package.removeprefix("-")) != package.startswith("-")


def sources(site: Path, folders: list[str]) -> list[str]:
    # What lies beside the packages, such as typing_extensions.py, has a folder of its own name: ".".
    found = [path for folder in folders for path in (site / folder).glob("*.py")]
    # The biggest first, so that no core waits for one of them at the end.
    return [str(path) for path in sorted(found, key=lambda path: path.stat().st_size, reverse=True)]


def compile_file(path: str) -> None:
    # Packages have templates and code for other versions of Python, which cannot be compiled.
    compileall.compile_file(path, quiet=2)


def main(site: Path, names: Path, package: str) -> None:
    wanted = [name for name in names.read_text().split("\n") if name and not name.startswith("#") and is_wanted(name, package)]
    paths = sources(site, wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with concurrent.futures.ProcessPoolExecutor(cores) as pool:
            done = [*(pool.submit(compile_file, path) for path in paths[:200]), pool.map(compile_file, paths[200:], chunksize=20)]
            for one in done[:-1]:
                one.result()
            list(done[-1])
    except (ImportError, NotImplementedError, PermissionError):
        # Some systems have no semaphores, which the pool needs.
        for path in paths:
            compile_file(path)
    print(f"{len(paths)} modules")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
