"""Puts the figures of a run into docs/performance.md, between its markers."""

from typing import Any

from tests.bench import capacity, report
from tests.harness.server import ROOT

PAGE = ROOT / "docs" / "performance.md"


def write(data: dict[str, Any]) -> None:
    """Replace the table and the capacity model on the page. Raises ValueError when a marker is missing."""
    page = PAGE.read_text()
    page = between(page, "table", f"{machine(data)}\n\n{report.markdown(data['results'], columns(data))}")
    page = between(page, "capacity", f"```\n{capacity.report(capacity.unit_costs(data))}\n```")
    PAGE.write_text(page)


def between(page: str, marker: str, content: str) -> str:
    """Return `page` with `content` between `<!-- marker -->` and `<!-- /marker -->`."""
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"docs/performance.md has no {begin} … {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def columns(data: dict[str, Any]) -> list[str]:
    return [*data["servers"], *data["missing"]]


def machine(data: dict[str, Any]) -> str:
    """Return where and with what the figures were measured."""
    about = data["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in (about["packages"] | data["versions"]).items())
    kind = " A quick run: short loads, coarse steps." if data["quick"] else ""
    return (
        f"{about['date']}, {about['cpu']}, {about['cores']} cores, {about['memory']}; {about['pinning']}. "
        f"Python {about['python']}, Node {about['node']}; {versions}. The large document is {data['history']}.{kind}"
    )


def charts(data: dict[str, Any]) -> list[tuple[str, dict[str, float | None]]]:
    """Return what the chart shows: the most that W1 takes, and how long a quiet letter takes."""
    titles = {
        "w1.200.max": "Updates a second, 200 people in one document, p99 ≤ 250 ms",
        "quiet.p50": "Milliseconds until the others see a letter (median)",
    }
    found = []
    for key, title in titles.items():
        if values := data["results"].get(key):
            bars = {
                name: value if isinstance(value := values.get(name), (int, float)) else None for name in data["servers"]
            }
            found.append((title, bars))
    return found
