"""Office files: papers as PDF and DOCX, tables as XLSX and CSV in and out. Knows no feature."""
