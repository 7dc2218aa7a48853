"""The roles of an office's Airflow, from include/access/airflow-roles.yaml into FAB's tables.

`python -m mianshen_airflow.office_roles` does it. Run again it changes nothing; a role that somebody widened or narrowed by hand
is as the file says afterwards. Accounts keep their roles, and roles that the file does not name are left alone.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import mianshen
from mianshen_airflow import defaults

FILE = Path(mianshen.__file__).resolve().parents[1] / "access" / "airflow-roles.yaml"
"""include/access/airflow-roles.yaml."""
Right = tuple[str, str]
"""An action and a resource, as FAB names them."""


@dataclass(frozen=True, slots=True)
class OfficeRole:
    """A role as it is to stand in FAB."""

    name: str
    """Engineer, or Approver_civil_affairs."""
    rights: frozenset[Right]
    """Everything that it may."""


def office_roles(departments: Iterable[str], path: Path = FILE) -> tuple[OfficeRole, ...]:
    """The file's roles, one a department where it says `each: department`; each may what everybody may."""
    said = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    common = [_right(one) for one in said["everybody"]]
    found = []
    for name, role in said["roles"].items():
        rights = frozenset([*common, *(_right(one) for one in role["rights"])])
        names = [f"{name}_{one}" for one in sorted(set(departments))] if role.get("each") == "department" else [name]
        found += [OfficeRole(one, rights) for one in names]
    return tuple(found)


def sync_roles(security: Any, roles: Iterable[OfficeRole]) -> Mapping[str, tuple[int, int]]:
    """Make FAB's roles so; by role how many rights were given and taken. `security` is FAB's security manager."""
    changed = {}
    for wanted in roles:
        role = security.find_role(wanted.name) or security.add_role(wanted.name)
        held = {(one.action.name, one.resource.name): one for one in role.permissions}
        for right in sorted(wanted.rights - held.keys()):
            security.add_permission_to_role(role, security.create_permission(*right))
        for right in sorted(held.keys() - wanted.rights):
            security.remove_permission_from_role(role, held[right])
        changed[wanted.name] = (len(wanted.rights - held.keys()), len(held.keys() - wanted.rights))
    return changed


def home_departments() -> tuple[str, ...]:
    """Codes of the departments of every county of the home, sorted."""
    from mianshen.policy.packs import load_pack
    from mianshen.stages.frame import read_settings

    today = defaults.now().date()
    packs = [load_pack(name, on=today) for name in read_settings(defaults.home()).get("counties", {})]
    return tuple(sorted({one.code for pack in packs for one in pack.departments}))


def _right(said: str) -> Right:
    action, resource = said.split(" ", 1)
    return action, resource


def main() -> None:
    """Make the roles of the file in the metadata database that Airflow's settings name."""
    with warnings.catch_warnings():  # Airflow's own FAB provider imports what its web framework is about to drop
        warnings.simplefilter("ignore")
        from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

        with get_application_builder() as builder:
            for name, (given, taken) in sync_roles(builder.sm, office_roles(home_departments())).items():
                sys.stdout.write(f"{name} +{given} -{taken}\n")


if __name__ == "__main__":
    main()
