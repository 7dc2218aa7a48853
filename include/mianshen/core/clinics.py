"""Money of primary clinics (基层医疗机构): what they are paid for themselves, never as anybody's relief."""

from __future__ import annotations

BENEFIT = "clinic"
"""The benefit that a posting to a clinic bears; no policy may have one of this name."""
NAME_ZH = "基层医疗机构拨款"
"""What people read."""
PAID = {"advance": "预拨", "top_up": "补足", "service": "基础健康服务补助"}
"""Acts of a fund that a clinic is paid by through the bank once they are signed, as sheets say it."""
