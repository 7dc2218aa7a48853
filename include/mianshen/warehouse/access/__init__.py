"""Who may see what in PostgreSQL: include/access/roles.yaml says it, one command makes a database so, another says what deviates.

Columns are granted one by one and rows by row-level security: what the file does not name is closed, new tables and columns too.
"""

from mianshen.warehouse.access.answers import signed_answers
from mianshen.warehouse.access.applying import apply, deviations
from mianshen.warehouse.access.file import Access, Declared, Role, Share, View, declared_here, load_access, prefixed
from mianshen.warehouse.access.logins import Login, add_login, logins, remove_login

__all__ = [
    "Access",
    "Declared",
    "Login",
    "Role",
    "Share",
    "View",
    "add_login",
    "apply",
    "declared_here",
    "deviations",
    "load_access",
    "logins",
    "prefixed",
    "remove_login",
    "signed_answers",
]
