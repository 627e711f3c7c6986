"""A laboratory's sheet, read into proposals that somebody confirms; pure, and nothing is kept.

`names` knows what a name on a sheet stands for, `cells` what a cell is, `roles` what a column is
for, `facts` what stands around a table; `vertical` and `horizontal` are the two ways a table lies,
`pairs` is for lines without a head, `typed` for what comes from a text box; `reading` walks down
the lines and `samples` sorts what was found by sample.
"""

from app.assays.sheet.found import Found, Ignored, SampleHead, SheetReading, Unread
from app.assays.sheet.reading import read_sheet
from app.assays.sheet.typed import typed_rows

__all__ = [
    "Found",
    "Ignored",
    "SampleHead",
    "SheetReading",
    "Unread",
    "read_sheet",
    "typed_rows",
]
