-- A digest of what the result said when somebody stated what they think of it: it is corrected once it says something else.
alter table opinions add column digest text not null default '';
