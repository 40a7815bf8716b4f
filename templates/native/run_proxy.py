"""Runs the LiteLLM proxy as its own `litellm` command does, with the time before each line that it writes."""

import os
import sys
import time
from datetime import datetime, timezone


class TimedLines:
    """A text stream that begins each line with `2026-01-31T12:00:00.123456Z stdout `; all else is the stream's own."""

    def __init__(self, stream, name):
        self._stream = stream
        self._name = name
        self._at_start = True

    def write(self, text):
        if not isinstance(text, str):
            # click asks by this whether the stream takes bytes.
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        for line in text.splitlines(keepends=True):
            if self._at_start:
                now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                self._stream.write(f"{now} {self._name} ")
            self._stream.write(line)
            self._at_start = line.endswith("\n")
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


sys.stdout = TimedLines(sys.stdout, "stdout")
sys.stderr = TimedLines(sys.stderr, "stderr")
for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(line_buffering=True)

IS_FAST = os.environ.pop("AGENTS_LLM_FAST_START", "1") != "0"
if IS_FAST:
    try:
        import fast_start

        fast_start.prepare()
    except Exception as error:
        IS_FAST = False
        print(f"agents-llm: Starting LiteLLM in its own way, because {error}", file=sys.stderr)

if os.environ.get("AGENTS_LLM_CA"):
    from fast_start import trust_authorities

    trust_authorities()

DATABASE_READY = os.environ.pop("AGENTS_LLM_DATABASE_READY", "")


def wait_for_database():
    """Until `agents-llm` has started the database and settled its roles."""
    while DATABASE_READY and not os.path.exists(DATABASE_READY):
        time.sleep(0.02)


import guarded_engine  # noqa: E402, F401

if __name__ == "__main__":
    if "--config" in sys.argv:
        # The Python files beside a configuration may import each other.
        sys.path.append(os.path.dirname(sys.argv[sys.argv.index("--config") + 1]))
    if IS_FAST:
        fast_start.serve(sys.argv[1:], wait_for_database)
    else:
        from litellm import run_server

        sys.argv[0] = "litellm"
        wait_for_database()
        sys.exit(run_server())
