-- A batch that all have approved is issued by a job, some thousand statements at a time.
alter table batches drop constraint batches_state_check;
alter table batches add constraint batches_state_check check (state in ('open', 'returned', 'approved', 'issued', 'void'));
call tells('batches');
