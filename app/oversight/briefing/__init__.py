"""The monthly briefing: a published month on two sheets of paper."""
