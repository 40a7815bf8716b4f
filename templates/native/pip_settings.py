"""Prints pip's settings as one JSON object, without pip: Debian's Python has none.

Read are the same files and variables as `pip config list` reads, and for each name the value that counts for `pip install`.
"""

import configparser
import json
import os
import sys
from pathlib import Path


def system_files(home: Path) -> list[Path]:
    if sys.platform == "darwin":
        return [Path("/Library/Application Support/pip/pip.conf")]
    folders = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [*(Path(folder).expanduser() / "pip/pip.conf" for folder in folders.split(":") if folder), Path("/etc/pip.conf")]


def user_files(home: Path) -> list[Path]:
    mac = home / "Library/Application Support/pip"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config").expanduser() / "pip"
    folder = mac if sys.platform == "darwin" and mac.is_dir() else config
    return [home / ".pip/pip.conf", folder / "pip.conf"]


def settings_files() -> list[Path]:
    home = Path.home()
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    files = system_files(home)
    if not (named and os.path.exists(named)):
        files += user_files(home)
    return [*files, Path(sys.prefix) / "pip.conf", *([Path(named)] if named else [])]


def settings_name(name: str) -> str:
    return name.lower().removeprefix("--").replace("_", "-")


def read_settings() -> dict[str, str]:
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for path in settings_files():
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding=None)
        except (configparser.Error, OSError, UnicodeError):
            continue
        for section in found:
            if parser.has_section(section):
                found[section].update({settings_name(name): value for name, value in parser.items(section)})
    variables = {settings_name(name[4:]): value for name, value in os.environ.items() if name.startswith("PIP_")}
    # An empty variable counts as none.
    return {**found["global"], **found["install"], **{name: value for name, value in variables.items() if value}}


print(json.dumps(read_settings()))
