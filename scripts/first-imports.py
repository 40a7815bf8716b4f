"""Makes templates/native/first-imports.txt anew: the folders of packages that the proxy imports when it starts.

Run by the Python of a native installation: /path/to/native/VERSION/bin/python3 -I scripts/first-imports.py
"""

import collections
import os
import sys
import sysconfig
from pathlib import Path

# Of a folder less than this is not worth compiling all of it.
LEAST = 0.3

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm.proxy.proxy_server  # noqa: E402

site = Path(sysconfig.get_path("purelib")).resolve()
files = {Path(module.__file__).resolve() for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
imported, present = collections.Counter(), collections.Counter()
for path in site.rglob("*.py"):
    folder = path.parent.relative_to(site).as_posix()
    size = path.stat().st_size
    if folder == "prisma" and path.name == "types.py":
        continue
    present[folder] += size
    imported[folder] += size if path.resolve() in files else 0
names = sorted(name for name in present if imported[name] > LEAST * present[name])
target = Path(__file__).resolve().parent.parent / "templates/native/first-imports.txt"
head = "# Folders of packages that the proxy imports when it starts; made by scripts/first-imports.py.\n"
target.write_text(head + "".join(f"{name}\n" for name in names))
print(f"{target}: {len(names)} folders", file=sys.stderr)
