"""The writers of papers, loaded when one is wanted: together they take half a second to load."""

from __future__ import annotations

from importlib import import_module

from app.core.office.paper import Paper


def pdf_of(paper: Paper) -> bytes:
    """The paper as PDF; see `app.core.office.pdf`."""
    written: bytes = import_module("app.core.office.pdf").pdf_of(paper)
    return written


def docx_of(paper: Paper) -> bytes:
    """The paper as DOCX; see `app.core.office.docx`."""
    written: bytes = import_module("app.core.office.docx").docx_of(paper)
    return written
