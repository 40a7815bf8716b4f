"""Keeps Prisma's query engine for the proxy that has started it. Imported before there is a database client.

The client would have it on a port of 127.0.0.1, where anybody on this machine can ask it, and where anybody can be quicker
than it and be taken for it. Here it listens on a socket in a folder that only this user can enter, and answers whoever
knows a secret of this start. The port that the client chooses is only the socket's name.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile

import httpx
from prisma.engine.http import HTTPEngine
from prisma.http_abstract import DEFAULT_CONFIG

# A socket's path has room for 104 bytes on macOS.
LONGEST = 104 - len("/12345678/65535.sock\0")
NAME = "query-engine-"


def make_folder():
    """A new folder with mode 0700, by a name that nobody can foresee: in this user's home, or where paths are shorter."""
    home = os.path.expanduser("~")
    for name in os.listdir(home):
        # Of a proxy that was killed.
        if name.startswith(NAME):
            shutil.rmtree(os.path.join(home, name), ignore_errors=True)
    for parent in (home, tempfile.gettempdir()):
        if len(os.fsencode(os.path.join(parent, NAME))) <= LONGEST:
            return tempfile.mkdtemp(prefix=NAME, dir=parent)
    return tempfile.mkdtemp(prefix=NAME, dir="/tmp")


FOLDER = make_folder()
SECRET = secrets.token_urlsafe(32)
OWNER = os.getpid()
# The engine is a child of this process, and inherits them.
os.environ["AGENTS_LLM_ENGINE_FOLDER"] = FOLDER
os.environ["AGENTS_LLM_ENGINE_SECRET"] = SECRET


def remove_folder():
    # A child that was forked and ends is not the proxy.
    if os.getpid() == OWNER:
        shutil.rmtree(FOLDER, ignore_errors=True)


def end(number, _frame):
    # As it would without this, which is without atexit.
    remove_folder()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


atexit.register(remove_folder)
# While the proxy starts; later uvicorn has handlers of its own, and comes back to this one when it has shut down.
signal.signal(signal.SIGTERM, end)


class EngineTransport(httpx.AsyncBaseTransport):
    """Carries requests for a port of this machine to the engine of that number."""

    def __init__(self):
        self._engines = {}

    async def handle_async_request(self, request):
        engine = self._engines.get(request.url.port)
        if engine is None:
            path = os.path.join(FOLDER, f"{request.url.port}.sock")
            engine = httpx.AsyncHTTPTransport(uds=path, limits=DEFAULT_CONFIG["limits"])
            self._engines[request.url.port] = engine
        # Added here, since the client would write its own headers to the log when that is verbose.
        request.headers["authorization"] = f"Bearer {SECRET}"
        request.headers["content-type"] = "application/json"
        return await engine.handle_async_request(request)

    async def aclose(self):
        for engine in self._engines.values():
            await engine.aclose()


def guarded(original):
    def __init__(self, url, headers=None, **kwargs):
        original(self, url, headers, **{**kwargs, "transport": EngineTransport()})

    return __init__


HTTPEngine.__init__ = guarded(HTTPEngine.__init__)
