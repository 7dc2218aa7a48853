"""The planted roster judged by Great Expectations' own expectations, one a reason wherever one can tell it. JSON on stdout."""

import json
import resource
import sys
import time

import great_expectations as gx
import pandas as pd


def main(path: str, rules: dict) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = context.data_sources.add_pandas("roster").add_dataframe_asset("roster").add_batch_definition_whole_dataframe("all")
    suite = context.suites.add(gx.ExpectationSuite("roster"))
    for reason, rule in rules.items():
        meta = {"reason": reason}
        if rule["kind"] == "pattern":
            suite.add_expectation(gx.expectations.ExpectColumnValuesToMatchRegex(column=rule["column"], regex=rule["pattern"], meta=meta))
        elif rule["kind"] == "among":
            suite.add_expectation(gx.expectations.ExpectColumnValuesToBeInSet(column=rule["column"], value_set=rule["values"], meta=meta))
        elif rule["kind"] == "at_most":
            frame["day"] = pd.to_datetime(frame[rule["column"]], format="%Y-%m-%d", errors="coerce")
            latest = pd.Timestamp(rule["value"])
            suite.add_expectation(gx.expectations.ExpectColumnValuesToBeBetween(column="day", max_value=latest, meta=meta))
    columns = [one for one in frame.columns if one != "day"]
    suite.add_expectation(gx.expectations.ExpectCompoundColumnsToBeUnique(column_list=columns, meta={"reason": "ROW_REPEATED"}))
    validation = context.validation_definitions.add(gx.ValidationDefinition(name="roster", data=batch, suite=suite))
    found = validation.run(batch_parameters={"dataframe": frame}, result_format={"result_format": "COMPLETE"})
    named = []
    for one in found.results:
        reason = one.expectation_config.meta["reason"]
        named.extend([int(place), reason] for place in one.result.get("unexpected_index_list") or [])
    seconds = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "rows": len(frame), "named": sorted(set(map(tuple, named)))}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
