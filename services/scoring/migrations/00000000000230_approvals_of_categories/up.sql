-- Some decide only about the people of some categories; empty: about everybody.
alter table approvals add column categories text[] not null default '{}';
