"""Whole runs on real positions: from CSV files over the command to a verified plan."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import matching
from matching import reach
from matching.bench import Row
from matching.reach import Run

#: Shipped with the repository; further directories come from the command.
SHIPPED = Path(matching.__path__[0]).parent / "data" / "instances"
#: Twelve months with a silo of half a month on both sides, kilns idle in winter.
YEAR: Mapping[str, str] = {"months": "12", "max_km": "300"}


def rows(directories: Sequence[Path] = ()) -> Iterator[Row]:
    """One row per instance; no bar but that the audit finds nothing."""
    shipped = sorted(each for each in SHIPPED.glob("*") if each.is_dir())
    for directory in (*shipped, *directories):
        yield _row(reach.run(directory, YEAR))


def _row(run: Run) -> Row:
    materials = ", ".join(
        f"{material} {reach.share(run.placed_kg[material], offered)}"
        for material, offered in sorted(run.offered_kg.items())
    )
    return Row(
        f"`{run.instance}`, 12 months with silos, within 300 km, CSV to verified plan",
        "tonnes per material, seconds, memory",
        f"thousand t: {materials}; solved in {run.seconds:.1f} s, audited in "
        f"{run.audit_seconds:.1f} s, {run.peak_memory_mib:,.0f} MiB, "
        f"{len(run.violations)} violations",
        not run.violations,
        run.seconds + run.audit_seconds,
    )
