"""Background work: the job table is the truth, a queue or a supervisor only rings.

rules       states, deterministic ids, back-off: pure
models      the table
queries     health of the queue, one job's row
operations  every change of a job; each is one guarded statement
registry    what the features declare: handlers, stages, endings, schedule
context     what a handler holds: steps, progress, the heartbeat
runner      `run_job(id)`, the same in a child process and in an RQ worker
bell        who is told that work waits
supervisor  the embedded mode: one child process per job
rq_worker   the production mode: RQ carries the ids
pages       the progress panel
"""
