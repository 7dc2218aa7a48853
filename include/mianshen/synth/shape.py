"""What the fictional county looks like: every share and mean of the generator, as parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mianshen.core.contract import Contract, Feed
from mianshen.core.pack import Pack
from mianshen.core.plan import Category, Status


@dataclass(frozen=True, slots=True)
class Trait:
    """What is assumed of a category whose Chinese name holds one of the words."""

    words: tuple[str, ...]
    """Pieces of the category's name; the first trait that matches counts."""
    rate_per_10k: float
    """Persons of this category in 10,000 insured."""
    ages: tuple[int, int] = (1, 95)
    """Youngest and oldest, whole years."""
    male_share: float = 0.5
    """Share of men."""
    worker_share: float = 0.12
    """Share of those of working age who are insured as workers (310); the others as residents (390)."""
    has_window_relief: bool = False
    """Whether hospitals settle part of the relief at the window (`maf_pay`)."""


TRAITS: tuple[Trait, ...] = (
    Trait(("监测", "三类人员"), 21),
    Trait(("建档立卡", "脱贫"), 300),
    Trait(("边缘", "低收入"), 43, has_window_relief=True),
    Trait(("精减退职",), 4, ages=(75, 95), worker_share=0.0),
    Trait(("职工",), 25, ages=(20, 59), worker_share=1.0),
    Trait(("党员",), 30, ages=(25, 92), male_share=0.65),
    Trait(("儿童", "孤儿"), 12, ages=(1, 17)),
    Trait(("特困",), 33, ages=(45, 95), male_share=0.7, worker_share=0.0, has_window_relief=True),
    Trait(("低保", "最低生活保障"), 283, has_window_relief=True),
    Trait(("刚性支出", "支出型"), 20),
    Trait(("优抚", "复员", "伤残军人"), 45, ages=(40, 95), male_share=0.97),
    Trait(("残疾", "重残"), 170),
    Trait(("罕见病",), 2),
    Trait(("因病致贫", "重病", "重大疾病"), 18, ages=(18, 95)),
)
"""In the order in which they are tried. 监测 21, 边缘 43, 特困 33 and 低保 283 are published figures; others illustrative."""
OTHER = Trait((), 20)
"""A category that no word matches."""


def trait_of(category: Category) -> Trait:
    """What is assumed of this category."""
    for trait in TRAITS:
        if any(word in category.name_zh for word in trait.words):
            return trait
    return OTHER


@dataclass(frozen=True, slots=True)
class Shape:
    """The county's statistics. Shares are of 1; years are calendar years."""

    rates_per_10k: Mapping[str, float] = field(default_factory=dict)
    """Persons of a category in 10,000 insured, by category code, where it differs from the trait."""
    several_share: float = 0.30
    """Listed persons with two or more categories."""
    entries_share: float = 0.01
    """Memberships that begin in a month, of those on the list."""
    exits_share: float = 0.01
    """Memberships that end in a month."""
    former_share: float = 0.20
    """Persons who left every list before the year began, of those listed; the feed still carries their care."""
    visits_per_year: float = 3.5 * 1.55
    """Mean outpatient visits a person and year, heavy users apart."""
    visits_alpha: float = 2.0
    """Overdispersion: variance = mean + alpha * mean**2."""
    stays_per_year: float = 0.30
    """Mean hospital stays a person and year."""
    heavy_share: float = 0.003
    """Persons in dialysis or long psychiatric treatment."""
    heavy_visits: tuple[int, int] = (80, 156)
    """Their visits a year, both ends included."""
    away_share: float = 0.20
    """Stays outside the county."""
    refund_share: float = 0.0075
    """Settlements that are refunded."""
    resettled_share: float = 0.60
    """Refunded settlements that are settled again."""
    late_share: float = 0.02
    """Settlements delivered in a later file than their own."""
    window_share: float = 0.10
    """Settlements on which part of the relief was paid at the window."""
    account_trouble_share: float = 0.03
    """Persons whose account is missing, shared or written wrong."""
    resident_fee_fen: int = 40_000
    """Yearly contribution of a resident, illustrative."""
    fault_scale: float = 1.0
    """Multiplies every planted fault's share; 0 plants none."""
    fault_shares: Mapping[str, float] = field(default_factory=dict)
    """Shares of single kinds of fault, where they differ from the catalogue."""

    def rate(self, category: Category) -> float:
        """Persons of this category in 10,000 insured."""
        return self.rates_per_10k.get(category.code, trait_of(category).rate_per_10k)


def delivered_lists(pack: Pack) -> tuple[str, ...]:
    """Codes of the lists that departments send: those expected every month, or every roster where none is expected monthly."""
    rosters = tuple(one.list_code for one in pack.contracts if one.feed is Feed.ROSTER)
    return tuple(one.list_code for one in pack.lists) or rosters


def listed_categories(pack: Pack) -> tuple[tuple[Category, str], ...]:
    """Each category with the list that carries it, in the order of the plan; those that no list carries have no file.

    Of expected lists the first counts. Where none is expected, what a list says is no category of the plan but an illness of the
    county's page: it goes under its written word, and illnesses that come by several channels are spread over them.
    """
    carriers: dict[str, list[Contract]] = {}
    for contract in map(pack.contract, delivered_lists(pack)):
        codes = (contract.category_code,) if contract.category_code else tuple(contract.category_words.values())
        for code in dict.fromkeys(codes):
            carriers.setdefault(code, []).append(contract)
    known = {one.code: one for one in pack.plan.categories if one.code in carriers}
    if not pack.lists:
        known |= {code: _illness(code, found[0]) for code, found in carriers.items() if code not in known}
    spread = 0 if pack.lists else 1
    return tuple(
        (one, carriers[code][place * spread % len(carriers[code])].list_code) for place, (code, one) in enumerate(known.items())
    )


def _illness(code: str, contract: Contract) -> Category:
    word = next(word for word, meant in contract.category_words.items() if meant == code)
    return Category(code, word, code, contract.department_code, Status.ILLUSTRATIVE)
