"""The portrait report: a county's month on one page, charts with their figures, small cells hidden. It names nobody."""
