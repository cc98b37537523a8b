-- Parameter: verifier, the SCRAM verifier of the reader's password. Read by reader.sql in the same transaction.
SELECT set_config('broadsheet.verifier', %(verifier)s, true)
