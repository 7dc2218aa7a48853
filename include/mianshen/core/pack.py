"""A county's pack as a value: its plan, lists, contracts, routing, time limits and bank profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mianshen.core.bank import BankProfile
from mianshen.core.clocks import TimeLimit, WorkingCalendar
from mianshen.core.contract import Contract
from mianshen.core.days import Month
from mianshen.core.departments import Department, in_charge
from mianshen.core.errors import MianshenError
from mianshen.core.experts import ExpertPool
from mianshen.core.forms import Form, FormCode
from mianshen.core.grids import Grid
from mianshen.core.means import MeansRules
from mianshen.core.messages import Messages
from mianshen.core.plan import Plan
from mianshen.core.process import Process
from mianshen.core.recoveries import RecoveryRules
from mianshen.core.reviews import Reviews
from mianshen.core.staffing import StaffRules


@dataclass(frozen=True, slots=True)
class RosterList:
    """A list expected each month."""

    list_code: str
    """Its contract's list code."""
    department_code: str
    """Who delivers it."""
    name_zh: str
    """What supervisors read."""
    name_en: str
    """The same in English."""
    due_day: int
    """Day of the following month by whose end it is due; rolls past a holiday."""
    is_essential: bool
    """Whether amounts that depend on it are held while it is late."""
    status: str
    """official | quoted | inferred | illustrative."""
    is_complete: bool = True
    """Whether each delivery states everybody, so that absence from it ends an identity."""


@dataclass(frozen=True, slots=True)
class RosterWatch:
    """When what a list lost is shown to the supervisor."""

    large_share_ppm: int
    """Share of a list's people, parts per million: more that left since the list before are shown."""
    fewest_people: int
    """Lists and towns of fewer people are not judged by their share."""


@dataclass(frozen=True, slots=True)
class Oddness:
    """When an amount is far above what is usual in its batch for its category."""

    times: int
    """At least so many times the lower median."""
    fewest_items: int
    """Categories with fewer items in the batch have no usual amount."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Which approval items of a department a person decides."""

    department_code: str
    """The department."""
    large_fen: int
    """Items of at least this amount go to a person."""
    is_first_time_to_person: bool
    """Whether a person's first relief from this department goes to a person."""
    sample_ppm: int
    """Share of the rest drawn at random, parts per million; drawn by a hash of the item, so that a rerun draws the same."""
    odd: Oddness | None = None
    """When an amount is far above what is usual; None is never."""
    seed: str = ""
    """What the draw begins with: another text draws other items."""


@dataclass(frozen=True, slots=True)
class Fund:
    """Where money comes from."""

    code: str
    """Such as `district_medical_relief`."""
    name_zh: str
    """Its Chinese name."""
    name_en: str
    """The same in English."""


@dataclass(frozen=True, slots=True)
class FundAccounts:
    """How the funds' money is kept."""

    is_kept: bool
    """Whether balances are kept here: no batch is sent beyond them, nor before its use of funds is signed."""
    settled_month: int
    """Month in which clinics' advances are settled."""
    settled_day: int
    """Day of it; rolls past a holiday."""
    most_returns: int
    """Money that came back so often is left to the town's officer."""
    status: str
    """official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class PackNote:
    """What readers of a county's reports must know about its policy; a note never changes an amount."""

    kind: str
    """`overlay`: a bannered page stands in place of the printed one; `cannot_express`: a printed rule that no number carries."""
    code: str
    """Short name of the overlay or the rule."""
    zh: str
    """The sentence in Chinese."""
    en: str
    """The same in English."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that makes a county, from include/policies/<pack>, for one day."""

    name: str
    """Folder name, such as `510118_xinjin`."""
    county_code: str
    """Six-digit division code."""
    county_name_zh: str
    """The county's name."""
    county_name_en: str
    """The same in English."""
    area_aliases: tuple[str, ...]
    """Old division codes of the same county."""
    towns: tuple[str, ...]
    """Names of its towns, as the pack spells them."""
    plan: Plan
    """The relief policy in force."""
    departments: tuple[Department, ...]
    """Those that keep lists, decide or pay."""
    lists: tuple[RosterList, ...]
    """Lists expected each month."""
    roster_watch: RosterWatch
    """When what a list lost is shown."""
    contracts: tuple[Contract, ...]
    """One a list, one for settlements, one for enrolments."""
    routing: tuple[Routing, ...]
    """One a deciding department."""
    funds: tuple[Fund, ...]
    """Those that benefits name."""
    accounts: FundAccounts
    """How their money is kept."""
    bank: BankProfile
    """How payment files look."""
    time_limits: tuple[TimeLimit, ...]
    """The clocks that are watched."""
    calendar: WorkingCalendar
    """Working days, national."""
    reviews: Reviews
    """Which claims a person looks at."""
    last_resort_department: str | None = None
    """Who receives the list of people whom relief leaves with costs (兜底); None where no policy says so."""
    notes: tuple[PackNote, ...] = ()
    """Overlays applied and printed rules not carried."""
    processes: tuple[Process, ...] = ()
    """Procedures that cases go through."""
    recovery: RecoveryRules | None = None
    """What becomes of money that was paid too much; None carries it forward."""
    means: MeansRules | None = None
    """How a family's income is tested; None where no policy says so."""
    forms: tuple[Form, ...] = ()
    """Papers that are printed, as the pack words them."""
    items: tuple[tuple[str, str], ...] = ()
    """Code and name of the items of a law that confirms people, such as diseases."""
    first_year: int | None = None
    """First benefit year of a law that confirms people: no case is opened for an earlier one; None where it says nothing."""
    messages: Messages | None = None
    """Text messages, as the pack words them; None where nobody is paid."""
    experts: ExpertPool | None = None
    """Who is drawn where experts decide; None: whoever acts for the department decides."""
    staffing: StaffRules | None = None
    """How many full-time staff service points need; None where no text says so."""
    grids: tuple[Grid, ...] = ()
    """Which villages of a town one grid worker goes to."""

    def department(self, code: str) -> Department:
        """The department with this code; KeyError when the pack has none."""
        return {one.code: one for one in self.departments}[code]

    def in_charge(self, code: str, *, on: date) -> str:
        """Who has the department's matters on the day; KeyError when the pack has none with this code."""
        return in_charge(self.departments, code, on=on)

    def item_name(self, code: str) -> str:
        """Name of an item; the code itself for one that the pack does not know."""
        return dict(self.items).get(code, code)

    def form(self, code: FormCode, *, process: str = "") -> Form:
        """The form with this code, the process's own where it has one; KeyError when the pack has none."""
        own = [one for one in self.forms if one.is_of(process)]
        return {one.code: one for one in (*(one for one in self.forms if not one.of), *own)}[code]

    def contract(self, list_code: str) -> Contract:
        """The contract of this list; KeyError when the pack has none."""
        return {one.list_code: one for one in self.contracts}[list_code]

    def time_limit(self, code: str) -> TimeLimit:
        """The time limit with this code; KeyError when the pack has none."""
        return {one.code: one for one in self.time_limits}[code]

    def process(self, code: str) -> Process:
        """The process with this code; KeyError when the pack has none."""
        return {one.code: one for one in self.processes}[code]

    @property
    def application_lists(self) -> frozenset[str]:
        """Codes of the lists by which people apply for something: who stands there does not hold it yet."""
        return frozenset(channel.list_code for process in self.processes for channel in process.channels)

    @property
    def pays_relief(self) -> bool:
        """Whether applications of relief go through one of its processes; a county whose law names no amount has none."""
        return any(one.is_of_awards for one in self.processes)

    @property
    def award_process(self) -> Process:
        """The process that applications of relief go through; MianshenError PROCESS_UNKNOWN when the pack has none."""
        for one in self.processes:
            if one.is_of_awards:
                return one
        raise MianshenError("PROCESS_UNKNOWN", found="concerns: awards", where=f"{self.name}/process.yaml")

    @property
    def visit_process(self) -> Process | None:
        """The process by which people whom the radar sees are visited; None where the county visits nobody."""
        return next((one for one in self.processes if one.is_of_visits), None)

    @property
    def recheck_process(self) -> Process | None:
        """The process in which a decision is looked at again on request; None where the county pays no relief."""
        return next((one for one in self.processes if one.is_of_rechecks), None)

    def advances_settled_on(self, year: int) -> date:
        """The day of the year on which clinics' advances are settled, rolled past a holiday."""
        return self.calendar.roll(date(year, self.accounts.settled_month, self.accounts.settled_day))

    def list_due_on(self, expected: RosterList, month: Month) -> date:
        """The last day on which the month's list is in time: `due_day` of the next month, rolled past a holiday."""
        following = month.shift(1)
        day = min(expected.due_day, following.last_day.day)
        return self.calendar.roll(date(following.year, following.number, day))
