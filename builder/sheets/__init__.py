"""Reading of sheets: a CSV or XLSX file becomes columns and rows, a plan, a process, elements to be."""

from builder.sheets.guessing import guess, restage, values
from builder.sheets.linking import link, ordered, titles
from builder.sheets.mapping import extend, match, with_fields
from builder.sheets.plan import ColumnPlan, Plan, StagePlan
from builder.sheets.prepare import Lookups, rows
from builder.sheets.preview import Preview, PreviewRow, preview
from builder.sheets.proposal import propose
from builder.sheets.sheet import Sheet, SheetRow, read

__all__ = [
    "ColumnPlan", "Lookups", "Plan", "Preview", "PreviewRow", "Sheet", "SheetRow", "StagePlan", "extend", "guess", "link",
    "match", "ordered", "preview", "propose", "read", "restage", "rows", "titles", "values", "with_fields",
]  # fmt: skip
