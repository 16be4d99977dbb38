-- Pay begins to listen to roles, bodies and delegations: it asks who approves what is paid.
alter table companies alter column told_to set default 8;
