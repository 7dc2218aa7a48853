"""k-anonymity and distinct l-diversity of a CSV file by pycanon. JSON on stdout."""

import json
import sys

import pandas as pd
from pycanon import anonymity


def main(path: str, quasi: list, sensitive: list) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    found = {"rows": len(frame), "k": int(anonymity.k_anonymity(frame, quasi))}
    print(json.dumps(found | {"l": {one: int(anonymity.l_diversity(frame, quasi, [one])) for one in sensitive}}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(","))
