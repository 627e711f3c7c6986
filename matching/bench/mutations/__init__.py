"""Lies about an honest outcome, each with the promise it breaks.

A mutation changes the outcome alone, never the problem, so that no hash can give it away, and where
it can it keeps everything else consistent: a false price is passed on to both sides, a dropped
match leaves all sums. One that has nothing to work on in an outcome returns ``None``.
"""

from matching.bench.mutations import lines, matches, proofs
from matching.bench.mutations.case import Case, Mutation

__all__ = ["MUTATIONS", "Case", "Mutation"]

MUTATIONS: tuple[Mutation, ...] = (*lines.MUTATIONS, *matches.MUTATIONS, *proofs.MUTATIONS)
