drop trigger tells_of_new on batches;
drop trigger tells_of_changed on batches;
alter table batches drop constraint batches_state_check;
alter table batches add constraint batches_state_check check (state in ('open', 'returned', 'issued', 'void'));
