from tests.core.jobs.conftest import supervise

__all__ = ["supervise"]
