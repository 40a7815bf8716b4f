"""Starts the LiteLLM proxy in about half the time, and ends it at once. LiteLLM's own files stay as they are.

In a container this is the entry point, and AGENTS_LLM_IMAGE_COMMAND holds the image's own. If anything is not as expected,
the image's own starts LiteLLM, and the log says why.
"""

import atexit
import base64
import gc
import gzip
import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from functools import lru_cache
from typing import ForwardRef
from urllib.parse import unquote

# What `prisma` itself uses of its types, which are 33,000 classes for type checkers.
USED_TYPES = ("DatasourceOverride", "HttpConfig", "MetricsFormat", "Serializable")
# The official image's, if nothing else is known.
OFFICIAL = (["docker/prod_entrypoint.sh"], ["--port", "4000"])
# The first of the others. What is above it needs none of them.
REST = "\nStringFilter = "


def say(text):
    print(f"agents-llm: {text}", file=sys.stderr, flush=True)


class TypesOnDemand:
    """Executes the beginning of `prisma.types`, and all of it when another name is asked for."""

    def find_spec(self, name, path=None, target=None):
        if name != "prisma.types":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            self.whole = spec.loader
            spec.loader = self
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        try:
            with open(module.__file__, encoding="utf-8") as source:
                head, rest, _ = source.read(16384).partition(REST)
            if not rest:
                raise ValueError("it begins in another way")
            exec(compile(head, module.__file__, "exec"), module.__dict__)
            missing = [name for name in USED_TYPES if name not in module.__dict__]
            if missing:
                raise ValueError(f"{missing[0]} is not at its beginning")
        except Exception as error:
            say(f"Loading all of prisma.types, because {error}")
            self.whole.exec_module(module)
            return
        lock = threading.RLock()

        def load():
            with lock:
                if module.__dict__.pop("__getattr__", None):
                    module.__dict__.pop("__dir__", None)
                    self.whole.exec_module(module)

        def get(name):
            # What the import system asks of every module.
            if name.startswith("__") and name != "__all__":
                raise AttributeError(f"module 'prisma.types' has no attribute {name!r}")
            say(f"Loading all of prisma.types, because {name} is asked of it")
            load()
            return getattr(module, name)

        def names():
            load()
            return sorted(module.__dict__)

        module.__getattr__ = get
        module.__dir__ = names


exit_code = None


def end_at_once():
    """The first exit handler that is registered, so the last to run: threads have ended, and queues are written."""
    if exit_code is None:
        return
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    # Python would spend seconds on taking its modules apart.
    os._exit(exit_code)


def prepare():
    atexit.register(end_at_once)
    sys.meta_path.insert(0, TypesOnDemand())
    # Nearly nothing that is created while importing is garbage, and the collector would walk all of it again and again.
    gc.disable()


def remember_signatures():
    """FastAPI reads the signature of each dependency once for each route that has it: 8,300 times for 560 functions."""
    from fastapi.dependencies import utils

    read = utils.get_typed_signature
    remembered = lru_cache(maxsize=4096)(read)

    def get_typed_signature(call):
        try:
            signature = remembered(call)
        except TypeError:
            # It cannot be hashed.
            return read(call)
        annotations = [parameter.annotation for parameter in signature.parameters.values()]
        # A type that is only a name until now may be defined later.
        return read(call) if any(isinstance(annotation, (str, ForwardRef)) for annotation in annotations) else signature

    utils.get_typed_signature = get_typed_signature


def serve(arguments, wait_for_database=lambda: None):
    """LiteLLM's own command."""
    global exit_code
    sys.argv = ["litellm", *arguments]
    try:
        remember_signatures()
    except Exception as error:
        say(f"Reading the signature of a dependency for each of its routes, because {error}")
    try:
        from litellm import run_server

        importlib.import_module("litellm.proxy.proxy_server")
    except ModuleNotFoundError as error:
        # The command explains it.
        say(f"Cannot import LiteLLM's proxy ahead: {error}")
        from litellm import run_server
    finally:
        gc.freeze()
        gc.enable()
    wait_for_database()
    try:
        sys.exit(run_server())
    except SystemExit as end:
        if isinstance(end.code, str):
            raise
        exit_code = end.code or 0


IF = re.compile(r"(if|elif) (.+?) ?; then")
EQUALS = re.compile(r'\[ "\$(\w+)" = "(\w+)" \]')
HAS_FLAGS = '[ $# -eq 0 ] || [ "${1#-}" != "$1" ]'
STARTS_LITELLM = re.compile(r'exec litellm( --port "\$\{PORT:-4000\}")? "\$@"')


def only_starts_litellm(script):
    """Whether this shell script, in this environment and with flags as arguments, does nothing but start LiteLLM with them."""
    levels = []
    for line in map(str.strip, script.splitlines()):
        begins = IF.fullmatch(line)
        if begins:
            word, test = begins.groups()
            equals = EQUALS.fullmatch(test)
            if not equals and test != HAS_FLAGS:
                return False
            holds = os.environ.get(equals[1], "") == equals[2] if equals else True
            if word == "if":
                levels.append("next")
            if not levels:
                return False
            levels[-1] = "past" if levels[-1] != "next" else "taken" if holds else "next"
        elif line in ("else", "fi"):
            if not levels:
                return False
            before = levels.pop()
            if line == "else":
                levels.append("taken" if before == "next" else "past")
        elif any(level != "taken" for level in levels) or line in ("", "set -e") or line.startswith("#"):
            continue
        else:
            return STARTS_LITELLM.fullmatch(line) is not None
    return False


SEVERAL = ("--num_workers", "--run_gunicorn", "--run_hypercorn", "--run_granian", "--reload")


def why_not(entry, arguments):
    """What makes the image's own entry point necessary; None when nothing does."""
    if arguments and not arguments[0].startswith("-"):
        return f"it is told to run {arguments[0]}"
    if any(word.split("=")[0] in SEVERAL for word in arguments) or os.environ.get("NUM_WORKERS", "1") != "1":
        return "it is told to run more than one worker"
    if entry == ["litellm"]:
        return None
    try:
        with open(entry[0], encoding="utf-8") as file:
            script = file.read(65536)
    except (IndexError, OSError, ValueError):
        return "its entry point cannot be read"
    return None if len(entry) == 1 and only_starts_litellm(script) else "its entry point does more than start LiteLLM"


def unpack_files(packed):
    """Writes LiteLLM's own configuration and what it names; gives the flags that name it."""
    if not packed:
        return []
    folder = os.path.join(tempfile.mkdtemp(prefix="agents-llm-"), "litellm")
    files = json.loads(gzip.decompress(base64.b64decode(packed)))
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content).replace(b"/agents-llm-files", folder.encode()))
        os.chmod(path, 0o400)
    for inner, _, _ in os.walk(folder, topdown=False):
        os.chmod(inner, 0o500)
    return ["--config", os.path.join(folder, "litellm.yaml")]


def trust_authorities():
    """Writes the certificates of this Python and those of AGENTS_LLM_CA into the file that SSL_CERT_FILE names."""
    given = os.environ.pop("AGENTS_LLM_CA", "")
    target = os.environ.pop("AGENTS_LLM_CA_FILE", "")
    if not given or not target:
        return
    import ssl

    sources = ["/etc/ssl/certs/ca-certificates.crt", ssl.get_default_verify_paths().openssl_cafile]
    try:
        import certifi

        sources.insert(0, certifi.where())
    except ImportError:
        pass
    texts = []
    for source in sources:
        try:
            with open(source, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        except OSError:
            pass
    certificates = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", "\n".join([*texts, given]), re.S)
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join([*dict.fromkeys(certificates), ""]))


def find_modules(config):
    """Lets the Python files beside a configuration import each other, as they do where LiteLLM is started beside them."""
    sys.path.append(os.path.dirname(config))


def image_command(text):
    try:
        words = json.loads(unquote(text))
        entry, arguments = words["entrypoint"], words["command"]
        if all(isinstance(word, str) for word in [*entry, *arguments]) and [*entry, *arguments]:
            return entry, arguments
    except (KeyError, TypeError, ValueError):
        pass
    return OFFICIAL


def start_container():
    entry, arguments = image_command(os.environ.pop("AGENTS_LLM_IMAGE_COMMAND", ""))
    configured = unpack_files(os.environ.pop("AGENTS_LLM_FILES", ""))
    own_way = [*entry, *arguments, *configured]
    trust_authorities()
    try:
        command = shutil.which("litellm")
        # As the command has it. Otherwise the working folder would be searched first.
        sys.path[0] = os.path.dirname(command or "")
        is_asked = os.environ.pop("AGENTS_LLM_OWN_START", "")
        reason = "--no-fast-start asks for it" if is_asked else why_not(entry, arguments)
        if not reason and not (command and importlib.util.find_spec("litellm")):
            reason = "LiteLLM is not in the place of python3"
        if not reason:
            prepare()
    except Exception as error:
        reason = f"of {type(error).__name__}: {error}"
    if reason:
        say(f"Starting LiteLLM by the image's own entry point, because {reason}")
        if configured:
            path = [os.environ.get("PYTHONPATH"), os.path.dirname(configured[1])]
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        os.execvp(own_way[0], own_way)
    if configured:
        find_modules(configured[1])
    serve([*arguments, *configured])


if __name__ == "__main__":
    start_container()
