"""Makes templates/native/first-imports.txt anew: the folders of packages that the proxy imports when it starts.

Called with the packages of a native installation that your user owns, after a start without bytecode has compiled what it
imports:
    find SITE -name '*.pyc' -delete; agents-llm up --runtime native; python3 scripts/first-imports.py SITE
"""

import collections
import sys
from pathlib import Path

# Of a folder less than this is not worth compiling all of it.
LEAST = 0.3

site = Path(sys.argv[1])
target = Path(__file__).resolve().parent.parent / "templates/native/first-imports.txt"
imported, present = collections.Counter(), collections.Counter()
for path in site.rglob("*.py"):
    folder = path.parent.relative_to(site).as_posix()
    size = path.stat().st_size
    present[folder] += size
    imported[folder] += size if any(path.parent.glob(f"__pycache__/{path.stem}.*.pyc")) else 0
names = sorted(name for name in present if imported[name] > LEAST * present[name])
head = "# Folders of packages that the proxy imports when it starts; made by scripts/first-imports.py.\n"
target.write_text(head + "".join(f"{name}\n" for name in names))
print(f"{target}: {len(names)} folders", file=sys.stderr)
