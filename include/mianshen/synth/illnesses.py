"""Illnesses and kinds of care that fictional settlements carry: national codes with how often each is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mianshen.synth.streams import Ints, Stream


@dataclass(frozen=True, slots=True)
class Illness:
    """One diagnosis of a settlement."""

    code: str
    """ICD-10 medical-insurance edition, or an M code for chronic outpatient treatment."""
    name_zh: str
    """Its name."""
    weight: int
    """How often it is drawn within its group."""


EVERYDAY: tuple[Illness, ...] = (
    Illness("J06.900", "急性上呼吸道感染", 22),
    Illness("Z00.000", "一般性医学检查", 10),
    Illness("I10.x00", "原发性高血压", 12),
    Illness("E11.900", "2型糖尿病", 8),
    Illness("K29.500", "慢性胃炎", 9),
    Illness("M54.500", "腰痛", 8),
    Illness("J20.900", "急性支气管炎", 8),
    Illness("E78.500", "高脂血症", 6),
    Illness("K04.700", "根尖周炎", 5),
    Illness("R51.x00", "头痛", 4),
    Illness("L30.900", "皮炎", 4),
    Illness("S93.400", "踝关节扭伤", 2),
)
"""Outpatient visits."""
CHRONIC: tuple[Illness, ...] = (
    Illness("M03900", "高血压", 34),
    Illness("M01600", "糖尿病", 26),
    Illness("M04600", "冠心病", 12),
    Illness("M04800", "脑血管病后遗症", 9),
    Illness("M05300", "慢性阻塞性肺疾病", 9),
    Illness("M00500", "恶性肿瘤门诊治疗", 7),
    Illness("M06900", "类风湿关节炎", 3),
)
"""Chronic outpatient treatment (门慢特): a person keeps one."""
DIALYSIS = Illness("M07801", "尿毒症透析", 7)
"""Three times a week."""
PSYCHIATRY = Illness("M02300", "严重精神障碍", 3)
"""Long treatment in day care."""
STAYS: tuple[Illness, ...] = (
    Illness("J18.900", "肺炎", 16),
    Illness("J44.100", "慢性阻塞性肺病伴急性加重", 14),
    Illness("I25.103", "冠状动脉粥样硬化性心脏病", 12),
    Illness("I63.900", "脑梗死", 12),
    Illness("K80.200", "胆囊结石", 6),
    Illness("I50.900", "心力衰竭", 6),
    Illness("M51.202", "腰椎间盘突出", 6),
    Illness("E11.900", "2型糖尿病", 6),
    Illness("C34.900", "支气管或肺恶性肿瘤", 5),
    Illness("C50.900", "乳房恶性肿瘤", 3),
    Illness("C16.900", "胃恶性肿瘤", 3),
    Illness("N18.500", "慢性肾脏病5期", 4),
    Illness("I21.900", "急性心肌梗死", 3),
    Illness("F20.900", "精神分裂症", 4),
)
"""Hospital stays."""
INJURY = Illness("S72.000", "股骨颈骨折", 1)
"""Stays after accidents (22)."""
BIRTH = Illness("O80.900", "单胎顺产", 1)
"""Stays for a birth (52)."""

PLACES: tuple[Illness, ...] = (*EVERYDAY, *CHRONIC, DIALYSIS, PSYCHIATRY, *STAYS, INJURY, BIRTH)
"""Every illness; settlements name it by its place here while they are numbers."""


def draw(chance: Stream, group: tuple[Illness, ...], count: int) -> Ints:
    """The places of `count` illnesses of the group, by weight."""
    weight = np.array([one.weight for one in group], dtype=np.int64)
    places = np.array([PLACES.index(one) for one in group], dtype=np.int64)
    return np.asarray(chance.choice(places, size=count, p=weight / weight.sum()), dtype=np.int64)


def place_of(illness: Illness) -> int:
    """Where the illness stands in PLACES."""
    return PLACES.index(illness)
