"""Writing office files: a paper as PDF and DOCX, tables as XLSX. Knows no feature."""
