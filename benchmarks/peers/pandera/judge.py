"""The planted roster judged by pandera's own checks, one a reason wherever a built-in check can tell it. JSON on stdout."""

import json
import resource
import sys
import time

import pandas as pd
import pandera.pandas as pa


def main(path: str, rules: dict) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip")
    checks = {column: [] for column in frame.columns}
    for reason, rule in rules.items():
        if rule["kind"] == "pattern":
            checks[rule["column"]].append(pa.Check.str_matches(rule["pattern"], name=reason, error=reason))
        elif rule["kind"] == "among":
            checks[rule["column"]].append(pa.Check.isin(rule["values"], name=reason, error=reason))
        elif rule["kind"] == "at_most":
            checks[rule["column"]].append(pa.Check.less_than_or_equal_to(rule["value"], name=reason, error=reason))
    schema = pa.DataFrameSchema(
        {column: pa.Column(str, some) for column, some in checks.items()}, unique=list(frame.columns), report_duplicates="exclude_first"
    )
    named = []
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.itertuples():
            reason = case.check if case.check in rules else "ROW_REPEATED"
            named.append([None if pd.isna(case.index) else int(case.index), reason])
    seconds = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "rows": len(frame), "named": sorted(set(map(tuple, named)))}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
