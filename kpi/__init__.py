"""What a number is: KPIs over measures, in pure Polars. Start at catalog.py; rules R1–R20 are in docs/kpi.md."""
