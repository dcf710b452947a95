"""From typed rows to a published snapshot: merge, build, audit, report."""
