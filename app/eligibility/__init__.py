"""May this lot go to that use? A verdict with its reasons, from dated standards."""
