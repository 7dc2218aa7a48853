"""The two offices that look names up, each in a log that the other office reads, or may not."""

from __future__ import annotations

from enum import StrEnum


class Office(StrEnum):
    """Whose look-ups a log holds."""

    BUREAU = "bureau"
    SUPERVISOR = "supervisor"


OFFICES_ZH = {Office.BUREAU: "本局", Office.SUPERVISOR: "监督"}
"""What they are called."""
READERS_ZH = {Office.BUREAU: "监督人员、本局数据工程师", Office.SUPERVISOR: "监督人员"}
"""Who may read the log of each."""
READERS_EN = {Office.BUREAU: "supervisors and the bureau's engineers", Office.SUPERVISOR: "supervisors alone"}
"""The same in English."""
