"""REPORTS: how many cases were created, by type and month; as a table, and as a file for
spreadsheets."""

import csv
import io
from datetime import date

from flask import Blueprint
from werkzeug.wrappers import Response

from relying_party_demo import casework
from relying_party_demo.desk import desk, page

bp = Blueprint("reports", __name__)


@bp.get("/reports")
def home() -> tuple[str, int]:
    """REPORTS: cases by type and month."""
    here = desk()
    months, rows = casework.report(here.npi, here.contract)
    totals = [sum(counts.get(month, 0) for counts in rows.values()) for month in months]
    return page(
        "reports.html",
        months=[(month, f"{date.fromisoformat(month + '-01'):%b %Y}") for month in months],
        rows=rows,
        totals=totals,
    )


@bp.get("/reports.csv")
def as_file() -> Response:
    """The same as CSV."""
    here = desk()
    months, rows = casework.report(here.npi, here.contract)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["case type", *months, "all"])
    for case_type, counts in rows.items():
        writer.writerow(
            [case_type, *(counts.get(month, 0) for month in months), sum(counts.values())]
        )
    headers = {"Content-Disposition": f'attachment; filename="cases-{here.npi or "none"}.csv"'}
    return Response(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
