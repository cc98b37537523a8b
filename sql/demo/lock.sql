-- One loader at a time; the number stands for this load alone. Freed at the end of the transaction.
SELECT pg_advisory_xact_lock(20130101)
