drop table audit_seals, audit_entries, idempotency_keys, dead_letters, inbox, outbox;
