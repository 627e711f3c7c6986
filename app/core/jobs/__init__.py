"""Background work: the job table is the truth, a queue or a supervisor only rings.

- rules: states, deterministic ids, back-off, periods; pure
- models: the table
- queries: one job, what is due, the health of the queue
- operations: every change of a job, each one guarded statement
- registry: what the features declare: handlers, stages, endings, schedule
- context: what a handler holds: steps, progress, the heartbeat
- runner: `run_job(id)`, the same in a child process and in an RQ worker
- bell: who is told that work waits
- queue_bell: the same through RQ
- schedule: the clock, which rings again for what is due and adds what recurs
- supervisor: the embedded mode, one child process per job
- rq_worker: the production mode, where RQ carries the ids
- points: where a test may kill the process
- pages: the progress panel
"""
