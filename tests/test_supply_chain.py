"""What is installed is what was chosen: the locks hold the short lists, and every package has its hashes and its licence."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", re.MULTILINE)


def pins(name):
    """Package -> version, with names as the index spells them."""
    found = _PIN.findall((ROOT / name).read_text("utf-8"))
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


@pytest.mark.parametrize("short", ["requirements", "requirements-dev", "requirements-spark"])
def test_the_lock_holds_what_was_chosen_at_the_version_chosen(short):
    chosen, locked = pins(f"{short}.txt"), pins(f"{short}.lock")
    assert chosen
    assert {name: locked.get(name) for name in chosen} == chosen, "run .ci/lock"


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-spark.lock"])
def test_what_is_tested_and_what_meets_a_cluster_is_what_production_installs(lock):
    production, more = pins("requirements.lock"), pins(lock)
    assert {name: more.get(name) for name in production} == production, "run .ci/lock"


def test_what_is_tested_beside_a_cluster_fits_what_meets_it():
    tested, spark = pins("requirements-dev.lock"), pins("requirements-spark.lock")
    assert {name: spark[name] for name in tested if name in spark} == {name: tested[name] for name in tested if name in spark}, (
        "run .ci/lock"
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-spark.lock"])
def test_every_locked_package_has_a_hash_and_no_address(lock):
    text = (ROOT / lock).read_text("utf-8")
    parts = re.split(r"\n(?=\S)", text)
    assert [part.split()[0] for part in parts if _PIN.match(part) and "--hash=sha256:" not in part] == []
    assert "://" not in text


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-spark.lock"])
def test_every_licence_is_listed(lock):
    text = (ROOT / "docs" / "supply-chain.md").read_text("utf-8")
    listed = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^\| (\S+) +\|", text, re.MULTILINE)}
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    elsewhere = {line.split("==")[0].lower() for line in lines if "win32" in line}  # not on the machines we run on
    assert sorted(set(pins(lock)) - listed - elsewhere) == []
