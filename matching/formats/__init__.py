"""The written forms of problems, settings, edits and outcomes: tables, columns and documents."""
