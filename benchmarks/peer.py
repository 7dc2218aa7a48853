"""Programs that the product is compared with: each in build/peers with the packages of its own lock, run as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def ask(name: str, program: str, *arguments: object) -> dict[str, Any]:
    """What benchmarks/peers/<name>/<program> prints last, as JSON; its packages are installed when they are missing."""
    return last_line([_python(name), ROOT / "benchmarks" / "peers" / name / program, *arguments])


def last_line(command: list[Any]) -> dict[str, Any]:
    """The last line that a command prints, as JSON."""
    ended = subprocess.run([str(one) for one in command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(ended.stdout.strip().splitlines()[-1]))


def _python(name: str) -> Path:
    python = ROOT / "build" / "peers" / name / "bin" / "python"
    if not python.exists():
        lock = ROOT / "benchmarks" / "peers" / name / "requirements.txt"
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        install = [
            Path(sys.executable).parent / "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--require-hashes",
            "-r",
            lock,
        ]
        subprocess.run(install, check=True)
    return python
