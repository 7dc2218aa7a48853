"""The terminal's door: `mianshen NOUN VERB`, one module a noun. Moments and entropy are read here and handed down."""

from __future__ import annotations

import sys

import typer

from mianshen.cli import (
    access,
    approval,
    assess,
    audit,
    case,
    case_counts,
    case_sheets,
    clock,
    correction,
    delivery,
    demo,
    dictionary,
    doctor,
    ending,
    exceptional,
    exclusion,
    fund,
    init,
    intake,
    lead,
    means,
    officer,
    paper,
    payee,
    payment,
    person,
    policy,
    policy_portrait,
    policy_proof,
    policy_structure,
    publish,
    release,
    replay,
    report,
    report_diff,
    review,
    roster,
    run,
    simulate,
    stop,
    synth,
    vault,
    visit,
)
from mianshen.core.errors import MianshenError
from mianshen.core.paths import keep_to_owner
from mianshen.core.redaction import guard_logs, trace

REFUSED = 2
"""Exit code when the input was refused; the message says what, where and what to do."""

BROKEN = 1
"""Exit code when something broke; what it says is scrubbed, because a library may quote a person."""

app = typer.Typer(
    name="mianshen",
    help="免申即享：医疗救助不用申请，钱到该到的人手里。 Medical relief paid to families who never have to ask for it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init")(init.make_home)
app.command("doctor")(doctor.examine)
app.command("synth")(synth.make)
app.command("run")(run.run)
app.command("assess")(assess.assess)
app.command("replay")(replay.replay)
app.command("publish")(publish.publish)
app.command("dictionary")(dictionary.write)
app.command("demo")(demo.run)
app.command("simulate")(simulate.simulate)
app.add_typer(access.app, name="access")
app.add_typer(intake.app, name="intake")
app.add_typer(approval.app, name="approval")
app.add_typer(audit.app, name="audit")
case.app.command("counts")(case_counts.show_counts)
case.app.command("staff")(case_counts.show_staff)
case.app.command("rate")(case_counts.rate)
case.app.command("draw")(case_counts.draw_experts)
case.app.command("sheet")(case_sheets.download_sheet)
case.app.command("take")(case_sheets.take_sheet)
case.app.command("roll")(case_sheets.make_list)
case.app.command("print")(case_sheets.print_step)
app.add_typer(case.app, name="case")
app.add_typer(correction.app, name="correction")
app.add_typer(officer.app, name="officer")
app.add_typer(paper.app, name="paper")
app.add_typer(release.app, name="release")
app.add_typer(clock.app, name="clock")
app.add_typer(lead.app, name="lead")
app.add_typer(delivery.app, name="delivery")
app.add_typer(exceptional.app, name="exceptional")
app.add_typer(exclusion.app, name="exclusion")
app.add_typer(fund.app, name="fund")
app.add_typer(payee.app, name="payee")
app.add_typer(payment.app, name="payment")
app.add_typer(stop.app, name="stop")
app.add_typer(review.app, name="review")
app.add_typer(vault.app, name="vault")
app.add_typer(visit.app, name="visit")
app.add_typer(means.app, name="means")
report.app.command("diff")(report_diff.diff)
app.add_typer(report.app, name="report")
app.add_typer(person.app, name="person")
app.add_typer(roster.app, name="roster")
policy.app.command("prove")(policy_proof.prove)
policy.app.command("diff")(policy_proof.diff)
policy.app.command("portrait")(policy_portrait.show_portrait)
policy.app.command("structure")(policy_structure.structure)
app.add_typer(policy.app, name="policy")


def command() -> None:
    """The program `mianshen`: `main`, after which the process ends at once."""
    ending.ending_at_once(main)


def main() -> None:
    """Run the command line; a refusal prints its reason and ends with exit code 2, a fault its place with exit code 1."""
    guard_logs()
    keep_to_owner()
    try:
        app()
    except MianshenError as refusal:
        sys.stderr.write("\n".join([refusal.message(), *getattr(refusal, "__notes__", ()), ""]))
        sys.exit(REFUSED)
    except Exception as fault:
        sys.stderr.write(f"{trace(fault)}\n")
        sys.exit(BROKEN)
